//! Sign-ins a second, beside the bare hash with the same parameters on as many threads as there are cores.

use std::time::{Duration, Instant};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Value, json};

use crate::http::Connection;
use crate::place::Server;
use crate::seed::{PASSWORD, Seed};
use crate::{CONNECTIONS, rounded};

pub fn measure(server: &Server, seed: &Seed, round: Duration) -> anyhow::Result<Value> {
    let bare = bare(round)?;
    let began = Instant::now();
    let each = |number: usize| -> anyhow::Result<usize> {
        let (mut connection, mut count) = (Connection::open(server.port)?, 0);
        while began.elapsed() < round {
            let email = &seed.emails[(number + count * CONNECTIONS) % seed.emails.len()];
            let body = json!({ "email": email, "password": PASSWORD }).to_string();
            let status = connection.send("POST", "/api/auth/sign-in", "", body.as_bytes())?;
            anyhow::ensure!(
                status == 200,
                "HTTP {status}: {}",
                String::from_utf8_lossy(&connection.body)
            );
            count += 1;
        }
        Ok(count)
    };
    let count = together(CONNECTIONS, each)?;
    let ours = count as f64 / began.elapsed().as_secs_f64();
    Ok(
        json!({ "per_s": rounded(ours), "argon2_per_s": rounded(bare), "ratio": rounded(ours / bare) }),
    )
}

fn bare(round: Duration) -> anyhow::Result<f64> {
    let argon2 = || Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
    let hash = argon2()
        .hash_password(PASSWORD.as_bytes())
        .map_err(|error| anyhow::anyhow!("hashing: {error}"))?;
    let began = Instant::now();
    let each = |_| {
        let mut count = 0;
        while began.elapsed() < round {
            let fits = argon2().verify_password(PASSWORD.as_bytes(), &hash);
            fits.map_err(|error| anyhow::anyhow!("verifying: {error}"))?;
            count += 1;
        }
        Ok(count)
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Ok(together(cores, each)? as f64 / began.elapsed().as_secs_f64())
}

/// The sum of what so many threads counted.
fn together(
    threads: usize,
    each: impl Fn(usize) -> anyhow::Result<usize> + Sync,
) -> anyhow::Result<usize> {
    std::thread::scope(|scope| {
        let each = &each;
        let threads: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || each(number)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|count| count.unwrap_or_else(|_| anyhow::bail!("a worker broke")))
            .sum()
    })
}
