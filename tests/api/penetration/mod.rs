//! Attacks by their number in the list of threats. Each test says what it tries and what must come of it.

mod input;
mod raw;
mod session;
mod upload;
