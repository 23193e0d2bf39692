//! Nets that a test can cut while the server runs, one at a time, to see that something notices. Only with the feature
//! `mutants`, which no build for use has: without it `cut` is `false` as the program is compiled.

/// What can be cut in the code. Nets of the database are cut in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Net {
    /// A handler's least role is not asked for.
    LeastRole,
    /// Anybody signed in passes for the owner.
    OwnerOnly,
    /// A company that does not take part is served like others.
    InactiveCompany,
    /// A sign-in that was ended goes on.
    EndedSignIn,
    /// Whoever must have two-factor on does without.
    TwoFactor,
    /// An agent's token is good with another company's key.
    CompanyOfKey,
    TokenAlgorithm,
    TokenType,
    TokenIssuer,
    TokenAudience,
    TokenExpiry,
    /// Any key's name does.
    TokenKey,
    /// No company is set.
    CompanyOfTransaction,
    /// Another company is set.
    OwnCompany,
    /// Admins and employees change places.
    RoleOfTransaction,
    /// `SET` where a transaction needs `SET LOCAL`.
    LocalSettings,
}

impl Net {
    pub const ALL: [Self; 16] = [
        Self::LeastRole,
        Self::OwnerOnly,
        Self::InactiveCompany,
        Self::EndedSignIn,
        Self::TwoFactor,
        Self::CompanyOfKey,
        Self::TokenAlgorithm,
        Self::TokenType,
        Self::TokenIssuer,
        Self::TokenAudience,
        Self::TokenExpiry,
        Self::TokenKey,
        Self::CompanyOfTransaction,
        Self::OwnCompany,
        Self::RoleOfTransaction,
        Self::LocalSettings,
    ];
}

#[cfg(not(feature = "mutants"))]
pub(crate) const fn cut(_: Net) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub(crate) use with::cut;
#[cfg(feature = "mutants")]
pub use with::{begin, choose};

#[cfg(feature = "mutants")]
mod with {
    use std::sync::Mutex;

    use super::Net;

    static CUT: Mutex<Option<Net>> = Mutex::new(None);
    /// Companies that had transactions.
    static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    /// From now on, in all servers of this process.
    pub fn choose(net: Option<Net>) {
        *CUT.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = net;
    }

    pub(crate) fn cut(net: Net) -> bool {
        *CUT.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            == Some(net)
    }

    /// What a tenant's transaction begins with, or what is left of it.
    pub fn begin(meant: String) -> String {
        if cut(Net::LocalSettings) {
            return meant.replace("SET LOCAL", "SET");
        }
        if cut(Net::RoleOfTransaction) {
            let swapped = meant.replace("tracker_admin", "tracker_?");
            let swapped = swapped.replace("tracker_employee", "tracker_admin");
            return swapped.replace("tracker_?", "tracker_employee");
        }
        let set = "SET LOCAL app.company_id = '";
        let Some((head, tail)) = meant.split_once(set) else {
            return meant;
        };
        let (own, tail) = tail.split_at(36);
        let mut known = KNOWN
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !known.iter().any(|company| company == own) {
            known.push(own.to_owned());
        }
        let other = known.iter().find(|company| *company != own);
        let other = other.map_or(own, String::as_str);
        match () {
            () if cut(Net::CompanyOfTransaction) => format!("{head}{set}{tail}"),
            () if cut(Net::OwnCompany) => format!("{head}{set}{other}{tail}"),
            () => meant,
        }
    }
}
