//! What a page is asked for. The address holds the whole of it, so that what is seen can be passed on.

use form_urlencoded::Serializer;

/// Longest search, in characters.
const MAX_SEARCH: usize = 200;

/// Most values of a facet.
const MAX_CHOSEN: usize = 64;

/// The parameters of a page, in the order given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(raw: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        // A form sends its empty fields too.
        Self(pairs.into_owned().filter(|(_, value)| !value.is_empty()).take(4 * MAX_CHOSEN).collect())
    }

    /// The value of a parameter that counts once.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may come several times.
    pub(super) fn all(&self, key: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).take(MAX_CHOSEN).collect()
    }

    /// What is searched for, bounded.
    pub(super) fn search(&self) -> String {
        self.get("q").unwrap_or_default().chars().take(MAX_SEARCH).collect()
    }

    /// The page, from 1.
    pub(super) fn page(&self) -> usize {
        self.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
    }

    /// The link to the same page with some parameters set anew, or taken away where empty; on its first page unless that is
    /// one of them.
    pub(super) fn link(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let is_changed = |key: &str| key == "page" || changes.iter().any(|(name, _)| *name == key);
        let kept =
            self.0.iter().filter(|(name, _)| !is_changed(name)).map(|(name, value)| (name.as_str(), value.as_str()));
        let set = changes.iter().copied().filter(|(_, value)| !value.is_empty());
        let query = Serializer::new(String::new()).extend_pairs(kept.chain(set)).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pages {
    /// From 1.
    pub(super) page: usize,
    /// At least 1.
    pub(super) last: usize,
    /// Entries before the first one shown.
    pub(super) skipped: usize,
}

impl Pages {
    /// Entries on a page.
    pub(super) const SIZE: usize = 50;

    /// The wanted page of a list, or the last where there are not so many.
    pub(super) fn of(count: usize, wanted: usize) -> Self {
        let last = count.div_ceil(Self::SIZE).max(1);
        let page = wanted.clamp(1, last);
        Self { page, last, skipped: (page - 1) * Self::SIZE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_what_they_do_not_change() {
        let query = Query::read(Some("q=a%26b&class=ct&class=mr&sort=class&page=3&stage="));
        assert_eq!(query.all("class"), ["ct", "mr"]);
        assert_eq!(query.link("/", &[("sort", "-class")]), "/?q=a%26b&class=ct&class=mr&sort=-class");
        assert_eq!(query.link("/", &[("page", "4")]), "/?q=a%26b&class=ct&class=mr&sort=class&page=4");
        assert_eq!(Query::default().link("/", &[("page", "")]), "/");
    }

    #[test]
    fn pages_stay_within_the_list() {
        assert_eq!(Pages::of(0, 9), Pages { page: 1, last: 1, skipped: 0 });
        assert_eq!(Pages::of(101, 9), Pages { page: 3, last: 3, skipped: 100 });
        assert_eq!(Query::read(Some("page=-1")).page(), 1);
        assert_eq!(Query::read(Some("page=0")).page(), 1);
    }
}
