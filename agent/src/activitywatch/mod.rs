//! A server on this machine that speaks as ActivityWatch's does, so that its browser extension, its editors' plugins and
//! scripts that use `aw-client` become sources. Its clients drop what is refused, so nothing is refused for load, and what
//! is answered with 200 is on disk. While nothing may be recorded nothing is kept either.
//!
//! Source: the REST API of aw-server 0.14 as its clients use it.

mod answer;
mod query;
mod server;
mod source;
mod store;
mod transform;

pub use answer::{Asked, Reply, reply};
pub use server::Server;
pub use source::{Sources, Tab};
pub use store::Store;

/// Where ActivityWatch's own server listens.
pub const PORT: u16 = 5600;
