//! The secret file: how it is read, checked and replaced.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;

use super::{derived_seal, hex, unhex};

/// The lines of the file, 64 hex digits each.
pub struct Lines {
    pub token_current: [u8; 32],
    pub token_previous: Option<[u8; 32]>,
    pub data: [u8; 32],
    /// Before its first rotation it is derived from `data`.
    pub seal: [u8; 32],
    pub seal_previous: Option<[u8; 32]>,
}

impl Lines {
    /// With the time of its last change.
    pub fn read(path: &Path) -> anyhow::Result<(Self, SystemTime)> {
        let mut text = String::new();
        let read = |text: &mut String| {
            let mut file = std::fs::File::open(path)?;
            // Before it is read: what is written meanwhile is seen as a change.
            let changed_at = file.metadata()?.modified()?;
            file.read_to_string(text)?;
            std::io::Result::Ok(changed_at)
        };
        let changed_at = read(&mut text).with_context(|| format!("reading {}", path.display()))?;
        let lines = Self::parse(&text)
            .with_context(|| format!("the secret file {} is not usable", path.display()))?;
        Ok((lines, changed_at))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let value = |name: &str| {
            let mut lines = text.lines().map(str::trim);
            let Some(digits) = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            else {
                return Ok(None);
            };
            let key = unhex::<32>(digits.trim())
                .with_context(|| format!("`{name}` must be 64 hex digits"))?;
            anyhow::ensure!(
                !is_weak(&key),
                "`{name}` was not made by chance; `openssl rand -hex 32` makes one"
            );
            Ok(Some(key))
        };
        let data = value("data")?.context("there is no `data`")?;
        let lines = Self {
            token_current: value("token_current")?.context("there is no `token_current`")?,
            token_previous: value("token_previous")?,
            data,
            seal: match value("seal")? {
                Some(seal) => seal,
                None => derived_seal(&data)?,
            },
            seal_previous: value("seal_previous")?,
        };
        anyhow::ensure!(
            lines.data != lines.token_current,
            "`data` and `token_current` are the same key"
        );
        Ok(lines)
    }

    /// Beside the file, then in its place: whoever reads it finds the old one or the new one, never half of one. Of a copy
    /// that is cut off, `data` is missed: it comes last.
    pub fn replace(&self, path: &Path) -> anyhow::Result<()> {
        let lines = [
            ("token_current", Some(self.token_current)),
            ("token_previous", self.token_previous),
            ("seal", Some(self.seal)),
            ("seal_previous", self.seal_previous),
            ("data", Some(self.data)),
        ];
        let text: String = lines
            .into_iter()
            .filter_map(|(name, key)| Some(format!("{name}={}\n", hex(&key?))))
            .collect();
        let beside = path.with_extension("new");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)
            .with_context(|| {
                format!(
                    "making {}: is another rotation under way?",
                    beside.display()
                )
            })?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path).with_context(|| format!("replacing {}", path.display()))
    }
}

/// Of 32 random bytes, or of the steps between them, fewer than 16 different ones are never seen; patterns and repeated
/// bytes have fewer. Text in hex digits is text. What a hash made of a word cannot be told from a good key.
fn is_weak(key: &[u8; 32]) -> bool {
    let different: BTreeSet<_> = key.iter().collect();
    let steps: BTreeSet<_> = key
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]))
        .collect();
    different.len() < 16 || steps.len() < 16 || key.iter().all(|byte| (32..127).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::super::random;
    use super::*;

    #[test]
    fn keys_that_were_thought_up_are_refused() {
        let good = || hex(&random::<32>().unwrap());
        let counted: Vec<u8> = (0..32).collect();
        let pi = b"31415926535897932384626433832795";
        let few: Vec<u8> = pi.iter().map(|digit| 1 << (digit % 8)).collect();
        let typed = hex(b"correct horse battery staple !!!");
        for weak in [
            "00".repeat(32),
            "ab".repeat(32),
            "0123456789abcdef".repeat(4),
            hex(&counted),
            hex(&few),
            typed,
            String::new(),
            good()[..62].to_owned(),
            "changeme".into(),
        ] {
            for (token, before, data) in [
                (&good(), &good(), &weak),
                (&good(), &weak, &good()),
                (&weak, &good(), &good()),
            ] {
                let file = format!("token_current={token}\ntoken_previous={before}\ndata={data}\n");
                let Err(error) = Lines::parse(&file) else {
                    panic!("{weak} was taken");
                };
                let said = format!("{error:#}");
                for secret in [token, before, data] {
                    assert!(secret.is_empty() || !said.contains(secret), "{said}");
                }
            }
        }
        let same = good();
        assert!(Lines::parse(&format!("token_current={same}\ndata={same}\n")).is_err());
        for _ in 0..1_000 {
            assert!(!is_weak(&random::<32>().unwrap()));
        }
    }
}
