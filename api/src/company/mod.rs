//! What a company's admins run: their people and their key.

pub mod audit;
pub mod employees;
pub mod key;
