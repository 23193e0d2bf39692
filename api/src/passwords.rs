//! Hashing: argon2id with 19 MiB and two passes (OWASP). As many at once as there are cores, so that sign-ins
//! under attack take neither the memory nor the threads of everything else.

mod common;

use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use actix_web::web::block;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::password_hash::{self, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};

pub use common::is_common;

use crate::Result;

static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(2, usize::from));

static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(*CORES));

/// Who looks or counts in the database meanwhile leaves the core to the next.
const TURNS_PER_CORE: usize = 4;
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(*CORES * TURNS_PER_CORE));

/// Of the subjects of turns, by hash: two that share one only wait for each other.
static SUBJECTS: [tokio::sync::Mutex<()>; 64] = [const { tokio::sync::Mutex::const_new(()) }; 64];
static SUBJECT_HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The memory of hashes goes from hand to hand as long as somebody has a turn: pages fresh from the system would
/// cost a fifth of the hashing. The last one gives it back.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// What an unknown e-mail is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now("no one has this password").unwrap_or_default());

static CHEAP: OnceLock<Params> = OnceLock::new();

/// Makes new hashes of this process take next to no time: for tests, which sign thousands in. No setting of the server does.
pub fn hash_cheaply() {
    if let Ok(params) = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, 1, None) {
        CHEAP.get_or_init(|| params);
    }
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let params = CHEAP.get().cloned().unwrap_or(Params::DEFAULT);
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("hashing: {error}"))?;
    Ok(hash.to_string())
}

/// Whether the password is that of the hash in PHC form, by the parameters that stand in it.
fn verify(password: &str, hash: &str, memory: &mut Vec<Block>) -> password_hash::Result<bool> {
    let hash = PasswordHash::new(hash)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Ok(false);
    };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let params = Params::try_from(&hash)?;
    memory.resize(params.block_count(), Block::default());
    let mut computed = vec![0; expected.len()];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        &mut computed,
        memory,
    )?;
    // Outputs are compared in a time that says nothing about them.
    Ok(Output::new(&computed)? == *expected)
}

fn verify_now(password: &str, hash: &str) -> bool {
    let idle = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut memory = idle().pop().unwrap_or_default();
    let fits = verify(password, hash, &mut memory);
    idle().push(memory);
    fits.unwrap_or(false)
}

/// A hash in PHC form, salt and parameters included.
pub async fn hash(password: String) -> Result<String> {
    let _permit = HASHING.acquire().await.map_err(anyhow::Error::from)?;
    Ok(block(move || hash_now(&password))
        .await
        .map_err(anyhow::Error::from)??)
}

/// A place in the queue for the cores. Whoever looks first how long to wait and then counts a failure holds it all
/// the while, and holds back everyone else with the same subject: else a hundred guesses at once would all have
/// looked before the first of them counted.
pub struct Turn {
    permit: Option<SemaphorePermit<'static>>,
    _subject: MutexGuard<'static, ()>,
}

/// `subject` is what is guessed at, such as an e-mail address.
pub async fn turn(subject: &str) -> Result<Turn> {
    let place = SUBJECT_HASH.hash_one(subject) % SUBJECTS.len() as u64;
    let subject = SUBJECTS
        .get(usize::try_from(place).unwrap_or_default())
        .unwrap_or(&SUBJECTS[0]);
    Ok(Turn {
        _subject: subject.lock().await,
        permit: Some(TURNS.acquire().await.map_err(anyhow::Error::from)?),
    })
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permit.take();
        if TURNS.available_permits() == *CORES * TURNS_PER_CORE {
            *MEMORY.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
        }
    }
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
    let _permit = HASHING.acquire().await.map_err(anyhow::Error::from)?;
    Ok(block(check).await.map_err(anyhow::Error::from)?)
}

/// Makes the hash for nobody ahead of the first sign-in, which else would take twice as long.
pub fn warm_up() {
    LazyLock::force(&NOBODY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_costs_what_is_recommended() {
        let hash = hash_now("a long enough password").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify_now("a long enough password", &hash));
        assert!(!verify_now("another long password", &hash));
    }
}
