//! What every room shares: errors, sessions, bodies, pages, and what is put around each request.

pub mod api_token;
pub mod around;
pub mod client_address;
pub mod company_key;
pub mod document;
pub mod download;
pub mod error;
pub mod idempotency;
pub mod json;
pub mod limits;
pub mod openapi;
pub mod origin;
pub mod page;
pub mod precondition;
pub mod session;
pub mod sheet;
pub mod spa;
pub mod text;
pub mod token;
