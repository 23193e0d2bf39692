//! What signs, seals and hashes: tokens, company keys, cursors. Keys come from one file; no secret is ever printed.

mod file;
pub mod reseal;

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use uuid::Uuid;

use file::Lines;

/// How often a running server looks whether the file was changed.
pub const LOOKS: Duration = Duration::from_secs(1);
/// A file that changed more lately than that is not known to every server yet: copies need their time too.
pub const SETTLES: Duration = Duration::from_secs(10);

/// The opened secret file. Keys that are rotated are replaced while the server runs, those derived from `data` never.
pub struct Secrets {
    path: PathBuf,
    keys: RwLock<Arc<Keys>>,
    data: [u8; 32],
    refresh: hmac::Key,
    cursor: hmac::Key,
    request: hmac::Key,
}

/// The keys that are rotated.
pub(crate) struct Keys {
    token: Pair<TokenKey>,
    seal: Pair<RandomizedNonceKey>,
    changed_at: SystemTime,
}

/// A key, and the one before it: what that one made is still taken.
struct Pair<T> {
    current: T,
    previous: Option<T>,
}

impl Keys {
    fn of(lines: &Lines, changed_at: SystemTime) -> anyhow::Result<Self> {
        let seal = |key: &[u8; 32]| {
            RandomizedNonceKey::new(&AES_256_GCM, key)
                .map_err(|_| anyhow::anyhow!("no sealing key"))
        };
        Ok(Self {
            token: Pair {
                current: TokenKey::new(lines.token_current),
                previous: lines.token_previous.map(TokenKey::new),
            },
            seal: Pair {
                current: seal(&lines.seal)?,
                previous: lines.seal_previous.as_ref().map(seal).transpose()?,
            },
            changed_at,
        })
    }

    /// The one that signs: for a moment after a rotation the one before, which every server knows.
    pub fn signs(&self) -> &TokenKey {
        self.token.in_use(self.changed_at)
    }

    pub fn tokens(&self) -> impl Iterator<Item = &TokenKey> {
        self.token.both()
    }
}

impl<T> Pair<T> {
    fn both(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    fn in_use(&self, changed_at: SystemTime) -> &T {
        let is_settled = changed_at.elapsed().is_ok_and(|age| age >= SETTLES);
        match &self.previous {
            Some(previous) if !is_settled => previous,
            _ => &self.current,
        }
    }
}

pub(crate) struct TokenKey {
    pub id: String,
    pub bytes: [u8; 32],
}

impl Secrets {
    /// Reads the file, or makes it with fresh keys, readable by its owner only.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("making {}", folder.display()))?;
            }
            let text = format!(
                "token_current={}\ndata={}\n",
                hex(&random::<32>()?),
                hex(&random::<32>()?)
            );
            let file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path);
            match file {
                Ok(mut file) => file.write_all(text.as_bytes())?,
                // Another instance was faster: its file is the one.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("making {}", path.display()));
                }
            }
        }
        let (lines, changed_at) = Lines::read(path)?;
        Self::of(lines, path, changed_at)
    }

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes the keys of a file that was changed meanwhile. Says whether it was; one that is no good changes nothing.
    pub fn reload(&self) -> anyhow::Result<bool> {
        let metadata = std::fs::metadata(&self.path)
            .with_context(|| format!("looking at {}", self.path.display()))?;
        if metadata.modified()? == self.keys().changed_at {
            return Ok(false);
        }
        let (lines, changed_at) = Lines::read(&self.path)?;
        anyhow::ensure!(
            lines.data == self.data,
            "{} has another `data`: that takes a restart, and signs everybody out",
            self.path.display()
        );
        let keys = Arc::new(Keys::of(&lines, changed_at)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(true)
    }

    /// Signs access tokens with a fresh key. The key before it is taken as long as it stands in the file, so that nobody
    /// is signed out; the one before that is gone.
    pub fn rotate(path: &Path) -> anyhow::Result<()> {
        let (lines, _) = Lines::read(path)?;
        let rotated = Lines {
            token_current: random()?,
            token_previous: Some(lines.token_current),
            ..lines
        };
        rotated.replace(path)
    }

    /// Seals with a fresh key. What the key before it sealed is opened as long as that stands in the file.
    pub fn rotate_seal(path: &Path) -> anyhow::Result<()> {
        let (lines, _) = Lines::read(path)?;
        let rotated = Lines {
            seal: random()?,
            seal_previous: Some(lines.seal),
            ..lines
        };
        rotated.replace(path)
    }

    /// Opens only what the newest key sealed from here on.
    pub fn forget_previous_seal(path: &Path) -> anyhow::Result<()> {
        let (lines, _) = Lines::read(path)?;
        let rest = Lines {
            seal_previous: None,
            ..lines
        };
        rest.replace(path)
    }

    /// Opens a file that is there, and waits until every server knows it, and has ended what it sealed before.
    pub fn settled(path: &Path) -> anyhow::Result<Self> {
        let (lines, changed_at) = Lines::read(path)?;
        let age = changed_at.elapsed().unwrap_or_default();
        std::thread::sleep((SETTLES + LOOKS).saturating_sub(age));
        Self::of(lines, path, changed_at)
    }

    fn of(lines: Lines, path: &Path, changed_at: SystemTime) -> anyhow::Result<Self> {
        let key = |purpose: &[u8]| {
            anyhow::Ok(hmac::Key::new(
                hmac::HMAC_SHA256,
                &derive(&lines.data, purpose)?,
            ))
        };
        Ok(Self {
            path: path.to_owned(),
            keys: RwLock::new(Arc::new(Keys::of(&lines, changed_at)?)),
            data: lines.data,
            refresh: key(b"refresh tokens")?,
            cursor: key(b"cursors")?,
            request: key(b"requests")?,
        })
    }

    /// Of keys that are no secret: what is tried with them is the same each time.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn known(token_current: [u8; 32], data: [u8; 32]) -> anyhow::Result<Self> {
        let lines = Lines {
            token_current,
            token_previous: None,
            data,
            seal: derived_seal(&data)?,
            seal_previous: None,
        };
        Self::of(lines, Path::new(""), SystemTime::UNIX_EPOCH)
    }

    /// Seals a company's key for that company: opened for another one it fails.
    pub fn seal(&self, company: Uuid, key: &str) -> anyhow::Result<Vec<u8>> {
        self.seal_for(company.as_bytes(), key.as_bytes())
    }

    pub fn unseal(&self, company: Uuid, sealed: &[u8]) -> anyhow::Result<String> {
        Ok(String::from_utf8(
            self.unseal_for(company.as_bytes(), sealed)?,
        )?)
    }

    /// The same of the secret behind a person's codes.
    pub fn seal_second_factor(&self, user: Uuid, secret: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.seal_for(&second_factor(user), secret)
    }

    pub fn unseal_second_factor(&self, user: Uuid, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.unseal_for(&second_factor(user), sealed)
    }

    fn seal_for(&self, whom: &[u8], plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let keys = self.keys();
        seal(keys.seal.in_use(keys.changed_at), whom, plain)
    }

    fn unseal_for(&self, whom: &[u8], sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let keys = self.keys();
        let opened = keys.seal.both().find_map(|key| open(key, whom, sealed));
        opened.context("a sealed key does not open: is this the secret file it was sealed with?")
    }

    /// The same company key sealed with the newest key; nothing where it is already.
    pub fn reseal(&self, company: Uuid, sealed: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
        self.reseal_for(company.as_bytes(), sealed)
    }

    pub fn reseal_second_factor(
        &self,
        user: Uuid,
        sealed: &[u8],
    ) -> anyhow::Result<Option<Vec<u8>>> {
        self.reseal_for(&second_factor(user), sealed)
    }

    fn reseal_for(&self, whom: &[u8], sealed: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
        let newest = &self.keys().seal.current;
        if open(newest, whom, sealed).is_some() {
            return Ok(None);
        }
        let plain = self.unseal_for(whom, sealed)?;
        Ok(Some(seal(newest, whom, &plain)?))
    }

    /// `family.generation` with a signature: the row keeps only the number, so there is no hash to steal.
    pub fn refresh_token(&self, company: Option<Uuid>, family: Uuid, generation: i32) -> String {
        let body = format!(
            "{}.{}.{generation}",
            company.unwrap_or_default().simple(),
            family.simple()
        );
        self.sign_refresh_body(&body)
    }

    pub(crate) fn sign_refresh_body(&self, body: &str) -> String {
        let signature = hmac::sign(&self.refresh, body.as_bytes());
        format!("{body}.{}", hex(signature.as_ref()))
    }

    /// The family and generation of a refresh token that this server made.
    pub fn read_refresh_token(&self, token: &str) -> Option<(Uuid, i32)> {
        let (body, signature) = token.rsplit_once('.')?;
        hmac::verify(&self.refresh, body.as_bytes(), &unhex::<32>(signature)?).ok()?;
        let mut parts = body.split('.').skip(1);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// To recognise a request that holds secrets: of no use without the key.
    pub fn request_mac(&self, request: &[u8]) -> [u8; 32] {
        let mut mac = [0; 32];
        mac.copy_from_slice(hmac::sign(&self.request, request).as_ref());
        mac
    }

    /// A page's cursor: opaque, and good only for the list it came from.
    pub fn sign_cursor(&self, list: &str, position: &str) -> String {
        let signature = hmac::sign(&self.cursor, format!("{list}\n{position}").as_bytes());
        hex(&[&signature.as_ref()[..16], position.as_bytes()].concat())
    }

    pub fn read_cursor(&self, list: &str, cursor: &str) -> Option<String> {
        let bytes = unhex_any(cursor)?;
        let (signature, position) = bytes.split_at_checked(16)?;
        let position = std::str::from_utf8(position).ok()?;
        let expected = hmac::sign(&self.cursor, format!("{list}\n{position}").as_bytes());
        constant_time::verify_slices_are_equal(&expected.as_ref()[..16], signature).ok()?;
        Some(position.to_owned())
    }
}

impl TokenKey {
    fn new(bytes: [u8; 32]) -> Self {
        Self {
            id: hex(&sha256(&bytes)[..4]),
            bytes,
        }
    }
}

fn seal(key: &RandomizedNonceKey, whom: &[u8], plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(whom), &mut bytes)
        .map_err(|_| anyhow::anyhow!("sealing failed"))?;
    Ok([&nonce.as_ref()[..], &bytes].concat())
}

fn open(key: &RandomizedNonceKey, whom: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, bytes) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut bytes = bytes.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(whom), &mut bytes).ok()?;
    Some(plain.to_vec())
}

fn derived_seal(data: &[u8; 32]) -> anyhow::Result<[u8; 32]> {
    derive(data, b"company keys")
}

/// Whose secret it is, told from ids of companies.
fn second_factor(user: Uuid) -> Vec<u8> {
    [&b"second factor "[..], user.as_bytes()].concat()
}

fn derive(secret: &[u8], purpose: &[u8]) -> anyhow::Result<[u8; 32]> {
    let mut out = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"employee progress tracker")
        .extract(secret)
        .expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut out))
        .map_err(|_| anyhow::anyhow!("no key could be derived"))?;
    Ok(out)
}

/// Bytes from the system's random source.
pub fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    Ok(bytes)
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    unhex_any(text)?.try_into().ok()
}

fn unhex_any(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2)
        || text.len() > 2_000
        || !text.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::known([1; 32], [2; 32]).unwrap()
    }

    /// As if the last rotation were so long ago.
    fn age(path: &Path, by: Duration) {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn a_sealed_key_opens_for_its_company_only() {
        let (acme, bolt, secrets) = (Uuid::now_v7(), Uuid::now_v7(), secrets());
        let sealed = secrets.seal(acme, "company_x").unwrap();
        assert_eq!(secrets.unseal(acme, &sealed).unwrap(), "company_x");
        assert!(secrets.unseal(bolt, &sealed).is_err());
        assert!(secrets.unseal(acme, &sealed[..5]).is_err());
    }

    #[test]
    fn what_the_key_before_sealed_is_opened_and_sealed_anew() {
        let folder = std::env::temp_dir().join(format!("tracker-seal-{}", Uuid::now_v7()));
        let (path, acme) = (folder.join("secret"), Uuid::now_v7());
        let first = Secrets::open(&path).unwrap();
        let old = first.seal(acme, "company_x").unwrap();
        let refresh = first.refresh_token(None, acme, 1);
        Secrets::rotate_seal(&path).unwrap();
        let between = Secrets::open(&path).unwrap().seal(acme, "company_y");
        let between = between.unwrap();
        assert_eq!(
            first.unseal(acme, &between).unwrap(),
            "company_y",
            "other servers do not know the new key yet"
        );
        age(&path, SETTLES);
        let second = Secrets::open(&path).unwrap();
        assert_eq!(second.unseal(acme, &old).unwrap(), "company_x");
        assert_eq!(second.unseal(acme, &between).unwrap(), "company_y");
        let new = second.reseal(acme, &old).unwrap().unwrap();
        assert_eq!(second.unseal(acme, &new).unwrap(), "company_x");
        assert_eq!(second.reseal(acme, &new).unwrap(), None, "it is already");
        assert!(first.unseal(acme, &new).is_err());
        assert!(
            first
                .unseal(acme, &second.seal(acme, "z").unwrap())
                .is_err()
        );
        assert!(second.reseal(Uuid::now_v7(), &old).is_err());
        Secrets::forget_previous_seal(&path).unwrap();
        let third = Secrets::open(&path).unwrap();
        assert!(third.unseal(acme, &old).is_err(), "its key is gone");
        assert_eq!(third.unseal(acme, &new).unwrap(), "company_x");
        assert!(third.read_refresh_token(&refresh).is_some());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_refresh_token_with_another_generation_is_not_ours() {
        let (family, secrets) = (Uuid::now_v7(), secrets());
        let token = secrets.refresh_token(None, family, 7);
        assert_eq!(secrets.read_refresh_token(&token), Some((family, 7)));
        assert_eq!(
            secrets.read_refresh_token(&token.replace(".7.", ".8.")),
            None
        );
    }

    #[test]
    fn a_cursor_is_bound_to_its_list() {
        let secrets = secrets();
        let cursor = secrets.sign_cursor("companies?q=a", "Ada|1");
        assert_eq!(
            secrets.read_cursor("companies?q=a", &cursor).as_deref(),
            Some("Ada|1")
        );
        assert_eq!(secrets.read_cursor("companies?q=b", &cursor), None);
        assert_eq!(secrets.read_cursor("companies?q=a", "zz"), None);
    }

    #[test]
    fn after_a_rotation_the_key_before_is_still_taken_and_the_one_before_that_is_not() {
        use crate::http::token::{Audience, Claims, Role};
        let folder = std::env::temp_dir().join(format!("tracker-rotate-{}", Uuid::now_v7()));
        let path = folder.join("secret");
        let first = Secrets::open(&path).unwrap();
        let claims = Claims::new(Audience::Owner, Uuid::nil(), None, Role::Owner, Uuid::nil());
        let (token, refresh) = (
            claims.sign(&first).unwrap(),
            first.refresh_token(None, Uuid::nil(), 1),
        );
        let is_taken = |secrets: &Secrets| Claims::read(&token, secrets, Audience::Owner).is_some();
        Secrets::rotate(&path).unwrap();
        let second = Secrets::open(&path).unwrap();
        assert_eq!(
            second.keys().signs().id,
            first.keys().signs().id,
            "other servers do not know the new one yet"
        );
        age(&path, SETTLES);
        let second = Secrets::open(&path).unwrap();
        assert_ne!(second.keys().signs().id, first.keys().signs().id);
        assert!(is_taken(&second), "two keys are live");
        assert!(
            second.read_refresh_token(&refresh).is_some(),
            "nobody is signed out"
        );
        Secrets::rotate(&path).unwrap();
        let third = Secrets::open(&path).unwrap();
        assert!(!is_taken(&third));
        assert!(third.read_refresh_token(&refresh).is_some());
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_file_is_made_once_and_private() {
        let folder = std::env::temp_dir().join(format!("tracker-secret-{}", Uuid::now_v7()));
        let path = folder.join("secret");
        let signs = |secrets: Secrets| secrets.keys().signs().id.clone();
        let first = signs(Secrets::open(&path).unwrap());
        assert_eq!(signs(Secrets::open(&path).unwrap()), first);
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_changed_file_is_read_while_the_server_runs_and_a_bad_one_changes_nothing() {
        let folder = std::env::temp_dir().join(format!("tracker-reload-{}", Uuid::now_v7()));
        let path = folder.join("secret");
        let running = Secrets::open(&path).unwrap();
        let signs = || running.keys().signs().id.clone();
        assert!(!running.reload().unwrap(), "nothing changed");
        let first = signs();
        Secrets::rotate_seal(&path).unwrap();
        Secrets::rotate(&path).unwrap();
        assert!(running.reload().unwrap());
        assert_eq!(signs(), first, "not every server knows the new one");
        assert_eq!(running.keys().tokens().count(), 2, "it is taken already");
        age(&path, SETTLES);
        assert!(running.reload().unwrap());
        let second = signs();
        assert_ne!(second, first);
        let good = std::fs::read_to_string(&path).unwrap();
        let another = folder.join("another");
        Secrets::open(&another).unwrap();
        let mut bad = vec![
            good.replace("data=", "data=00"),
            std::fs::read_to_string(&another).unwrap(),
        ];
        // Written half, as by a copy that is under way; all of it but the last end of line is all of it.
        bad.extend((0..good.len() - 1).map(|half| good[..half].to_owned()));
        for (seconds, bad) in (60..).zip(&bad) {
            std::fs::write(&path, bad).unwrap();
            age(&path, Duration::from_secs(seconds));
            let Err(error) = running.reload() else {
                panic!("taken: {bad}");
            };
            let said = format!("{error:#}");
            let is_secret = |line: &str| line.split('=').any(|part| part.len() == 64);
            assert!(!is_secret(&said) && said.contains("secret"), "{said}");
            assert_eq!(signs(), second);
        }
        std::fs::remove_file(&path).unwrap();
        assert!(running.reload().is_err());
        assert_eq!(signs(), second);
        std::fs::write(&path, &good[..good.len() - 1]).unwrap();
        assert!(running.reload().unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
