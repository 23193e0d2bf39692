//! HTTP tests: every test has a server and a database of its own, with the real roles.

mod account;
mod app;
mod compose;
