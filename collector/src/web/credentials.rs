//! Basic authentication with bcrypt hashes, as exporters do it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use foldhash::HashSet;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use tokio::{sync::Semaphore, task};

/// Answers that are remembered, so that a scrape costs no bcrypt.
const MAX_REMEMBERED: usize = 256;

/// Hash of nothing anybody knows, so that a name that does not exist takes as long as one that does.
const NOBODY: &str = "$2b$10$CwTycUXWue0Thq9StjUM0uJ8xQ0c7vJw7QeWw9r7b7o1dZl3Y4G1e";

/// Users and how they are known.
pub(super) struct Credentials {
    users: BTreeMap<String, String>,
    /// Right answers, hashed together with the user and what they were held against.
    remembered: Mutex<HashSet<[u8; 32]>>,
    /// bcrypt is slow on purpose: one guess at a time, so that guessing does not take the machine from the monitor.
    turn: Semaphore,
}

impl Credentials {
    /// None where there are no users.
    pub(super) fn new(users: &BTreeMap<String, String>) -> Option<Self> {
        (!users.is_empty()).then(|| Self {
            users: users.clone(),
            remembered: Mutex::default(),
            turn: Semaphore::new(1),
        })
    }

    /// Whether an `Authorization` header is a user's.
    pub(super) async fn allow(&self, authorization: Option<&str>) -> bool {
        let Some((user, password)) = authorization.and_then(basic) else { return false };
        let known = self.users.get(&user).cloned();
        let is_known = known.is_some();
        let hash = known.unwrap_or_else(|| NOBODY.to_owned());
        let answer = digest(&[user.as_bytes(), hash.as_bytes(), password.as_slice()]);
        if self.remembers(&answer) {
            return true;
        }
        let Ok(_turn) = self.turn.acquire().await else { return false };
        let verified = task::spawn_blocking(move || bcrypt::verify(password, &hash).unwrap_or(false)).await;
        let is_right = is_known && verified.unwrap_or(false);
        if is_right {
            self.remember(answer);
        }
        is_right
    }

    fn remembers(&self, answer: &[u8; 32]) -> bool {
        // The set is looked up by digest: what its time tells says nothing about a password.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).contains(answer)
    }

    fn remember(&self, answer: [u8; 32]) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(answer);
    }
}

/// User and password (RFC 7617).
fn basic(authorization: &str) -> Option<(String, Vec<u8>)> {
    let (scheme, token) = authorization.split_once(' ')?;
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(token.trim()).ok())??;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let (user, password) = pair.split_at(colon);
    Some((std::str::from_utf8(user).ok()?.to_owned(), password.get(1..)?.to_vec()))
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("wardwatch verified credentials 1");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(user: &str, password: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_let_in() {
        let hash = bcrypt::hash("a:b c", 4).unwrap();
        let credentials = Credentials::new(&BTreeMap::from([("prometheus".to_owned(), hash)])).unwrap();
        for _ in 0..2 {
            assert!(credentials.allow(Some(&header("prometheus", "a:b c"))).await);
        }
        for wrong in [
            header("prometheus", "a:b d"),
            header("nobody", "a:b c"),
            header("", ""),
            "Basic".to_owned(),
            "Basic !".to_owned(),
            "Bearer x".to_owned(),
        ] {
            assert!(!credentials.allow(Some(&wrong)).await, "{wrong}");
        }
        assert!(!credentials.allow(None).await);
        assert_eq!(credentials.remembered.lock().unwrap().len(), 1);
    }

    #[test]
    fn the_hash_of_nobody_is_one() {
        assert!(NOBODY.parse::<bcrypt::HashParts>().is_ok());
        assert!(bcrypt::verify("", NOBODY).is_ok_and(|is_right| !is_right));
        assert!(Credentials::new(&BTreeMap::new()).is_none());
    }
}
