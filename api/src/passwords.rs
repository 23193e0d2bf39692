//! Hashing: argon2id with 19 MiB and two passes (OWASP). As many at once as there are cores, so that sign-ins
//! under attack take neither the memory nor the threads of everything else.

mod common;

use std::sync::LazyLock;

use actix_web::web::block;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use common::is_common;

use crate::Result;

static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));

/// What an unknown e-mail is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now("no one has this password").unwrap_or_default());

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash = hasher()
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("hashing: {error}"))?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash in PHC form, salt and parameters included.
pub async fn hash(password: String) -> Result<String> {
    let _permit = CORES.acquire().await.map_err(anyhow::Error::from)?;
    Ok(block(move || hash_now(&password))
        .await
        .map_err(anyhow::Error::from)??)
}

/// A place in the queue for the cores. Whoever looks first how long to wait and then counts a failure holds it all
/// the while: else a hundred guesses at once would all have looked before the first of them counted.
pub struct Turn(#[expect(dead_code, reason = "held for its end")] SemaphorePermit<'static>);

pub async fn turn() -> Result<Turn> {
    Ok(Turn(CORES.acquire().await.map_err(anyhow::Error::from)?))
}

/// Which of the hashes the password opens. With no hash at all the work is done for nobody.
pub async fn matching(_turn: &Turn, password: String, hashes: Vec<String>) -> Result<Vec<bool>> {
    let check = move || {
        if hashes.is_empty() {
            verify_now(&password, &NOBODY);
        }
        hashes
            .iter()
            .map(|hash| verify_now(&password, hash))
            .collect()
    };
    Ok(block(check).await.map_err(anyhow::Error::from)?)
}

/// Makes the hash for nobody ahead of the first sign-in, which else would take twice as long.
pub fn warm_up() {
    LazyLock::force(&NOBODY);
}
