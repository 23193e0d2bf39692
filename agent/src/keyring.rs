//! The platform's keyring, for those who ask for it: one entry with all secrets of a sign-in. On Linux it is reached by
//! `secret-tool`, as talking to it here would take a D-Bus client that is larger than the rest of this program.

#[cfg(not(any(target_os = "macos", windows)))]
pub(crate) use by_program::{forget, load, store};
#[cfg(target_os = "macos")]
pub(crate) use keychain::{forget, load, store};
#[cfg(windows)]
pub(crate) use vault::{forget, load, store};

const SERVICE: &str = "tracker-agent";

#[cfg(not(any(target_os = "macos", windows)))]
mod by_program {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use anyhow::{Context, Result, ensure};

    use super::SERVICE;

    const LACKING: &str = "secret-tool cannot be started (Debian: apt-get install libsecret-tools)";

    /// The secret goes by standard input: other users can read a command line.
    pub fn store(entry: &str, secret: &str) -> Result<()> {
        let mut command = secret_tool("store", entry);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().context(LACKING)?;
        let input = child.stdin.take();
        let written = input.map(|mut input| input.write_all(secret.as_bytes()));
        let is_stored = child.wait()?.success() && written.is_some_and(|written| written.is_ok());
        ensure!(is_stored, "the keyring does not take the sign-in");
        Ok(())
    }

    pub fn load(entry: &str) -> Result<String> {
        let output = secret_tool("lookup", entry).output().context(LACKING)?;
        ensure!(
            output.status.success() && !output.stdout.is_empty(),
            "the keyring does not give the sign-in: unlock it, or sign in again"
        );
        String::from_utf8(output.stdout).context("the keyring's entry is damaged; sign in again")
    }

    pub fn forget(entry: &str) -> Result<()> {
        secret_tool("clear", entry).output().context(LACKING)?;
        Ok(())
    }

    fn secret_tool(action: &str, entry: &str) -> Command {
        let mut command = Command::new("secret-tool");
        command.arg(action);
        if action == "store" {
            command.args(["--label", "Progress tracker"]);
        }
        command.args(["service", SERVICE, "entry", entry]);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }
}

#[cfg(target_os = "macos")]
mod keychain {
    use anyhow::{Context, Result};
    use security_framework::passwords::{
        delete_generic_password, get_generic_password, set_generic_password,
    };

    use super::SERVICE;

    pub fn store(entry: &str, secret: &str) -> Result<()> {
        set_generic_password(SERVICE, entry, secret.as_bytes())
            .context("the keychain does not take the sign-in")
    }

    pub fn load(entry: &str) -> Result<String> {
        let secret = get_generic_password(SERVICE, entry)
            .context("the keychain does not give the sign-in: unlock it, or sign in again")?;
        String::from_utf8(secret).context("the keychain's entry is damaged; sign in again")
    }

    pub fn forget(entry: &str) -> Result<()> {
        delete_generic_password(SERVICE, entry).context("the keychain keeps an old sign-in")
    }
}

#[cfg(windows)]
#[expect(
    unsafe_code,
    reason = "the system's calls; each is given buffers of this frame"
)]
mod vault {
    use std::mem::zeroed;
    use std::ptr::null_mut;

    use anyhow::{Context, Result, ensure};
    use windows_sys::Win32::Security::Credentials::{
        CRED_PERSIST_LOCAL_MACHINE, CRED_TYPE_GENERIC, CREDENTIALW, CredDeleteW, CredFree,
        CredReadW, CredWriteW,
    };

    use super::SERVICE;

    pub fn store(entry: &str, secret: &str) -> Result<()> {
        let (mut target, mut blob) = (name(entry), secret.as_bytes().to_vec());
        // SAFETY: a structure of numbers and addresses, for which zero is a value.
        let mut credential: CREDENTIALW = unsafe { zeroed() };
        credential.Type = CRED_TYPE_GENERIC;
        credential.TargetName = target.as_mut_ptr();
        credential.CredentialBlobSize = u32::try_from(blob.len())?;
        credential.CredentialBlob = blob.as_mut_ptr();
        credential.Persist = CRED_PERSIST_LOCAL_MACHINE;
        // SAFETY: what it points to outlives the call.
        let is_stored = unsafe { CredWriteW(&credential, 0) } != 0;
        ensure!(
            is_stored,
            "the credential manager does not take the sign-in"
        );
        Ok(())
    }

    pub fn load(entry: &str) -> Result<String> {
        let (target, mut found) = (name(entry), null_mut());
        // SAFETY: the name ends with a zero and outlives the call; what is given is freed below.
        let is_given = unsafe { CredReadW(target.as_ptr(), CRED_TYPE_GENERIC, 0, &mut found) };
        ensure!(
            is_given != 0 && !found.is_null(),
            "the credential manager does not give the sign-in: sign in again"
        );
        // SAFETY: given by the call above and as long as it says; copied before it is freed, once.
        let secret = unsafe {
            let (blob, size) = ((*found).CredentialBlob, (*found).CredentialBlobSize);
            let secret = match blob.is_null() {
                true => Vec::new(),
                false => std::slice::from_raw_parts(blob, size as usize).to_vec(),
            };
            CredFree(found.cast());
            secret
        };
        String::from_utf8(secret).context("the entry is damaged; sign in again")
    }

    pub fn forget(entry: &str) -> Result<()> {
        let target = name(entry);
        // SAFETY: the name ends with a zero and outlives the call.
        let is_gone = unsafe { CredDeleteW(target.as_ptr(), CRED_TYPE_GENERIC, 0) } != 0;
        ensure!(is_gone, "the credential manager keeps an old sign-in");
        Ok(())
    }

    fn name(entry: &str) -> Vec<u16> {
        format!("{SERVICE}/{entry}")
            .encode_utf16()
            .chain([0])
            .collect()
    }
}
