//! HTTP tests: every test has a server and a database of its own, with the real roles.

mod account;
mod api_tokens;
mod app;
mod company;
mod compose;
mod demo;
mod feed;
mod first_description;
mod http;
mod idempotency;
mod jobs;
mod kill;
mod laws;
mod limits;
mod lint;
mod matrix;
mod owner;
mod password;
mod penetration;
mod report;
mod sign_ins;
mod statement;
mod statements;
mod supply_chain;
mod tracking;
mod verify;
