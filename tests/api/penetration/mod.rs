//! Attacks by their number in the list of threats. Each test says what it tries and what must come of it.

mod function;
mod input;
mod list;
mod object;
mod raw;
mod session;
mod token;
mod upload;
