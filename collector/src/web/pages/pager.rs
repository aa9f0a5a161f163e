//! Turning the pages of a long list.

use crate::web::query::{Pages, Query};

/// Links to the other parts of a list.
pub(super) struct Pager {
    pub(super) text: String,
    pub(super) first: String,
    pub(super) previous: String,
    pub(super) next: String,
    pub(super) last: String,
}

impl Pager {
    pub(super) fn new(pages: Pages, query: &Query, path: &str) -> Self {
        let link = |is_there: bool, page: usize| {
            if is_there { query.link(path, &[("page", &page.to_string())]) } else { String::new() }
        };
        let (can_go_back, can_go_on) = (pages.page > 1, pages.page < pages.last);
        Self {
            text: if pages.last > 1 { format!("Page {} of {}", pages.page, pages.last) } else { String::new() },
            first: link(can_go_back, 1),
            previous: link(can_go_back, pages.page - 1),
            next: link(can_go_on, pages.page + 1),
            last: link(can_go_on, pages.last),
        }
    }
}
