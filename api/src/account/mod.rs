//! Signing in, invitations, and a person's own account.

pub mod api_tokens;
pub(crate) mod attempts;
mod audit;
pub mod invitations;
pub mod me;
pub mod own_exports;
pub mod password;
pub mod registrations;
pub mod reset;
pub mod sign_in;
pub mod sign_ins;
pub mod totp;
pub mod two_factor;
