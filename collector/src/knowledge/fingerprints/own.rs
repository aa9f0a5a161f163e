//! The rules of a hospital itself, read at the start and on a reload.

use super::{Book, Chapters, Fingerprint, Shelf};
use crate::knowledge::{CatalogueError, File};
use wardwatch_model::Attribute;

/// Rules of a hospital's own files, each held to its examples.
#[derive(Clone, Debug, Default)]
pub struct OwnRules(std::sync::Arc<Shelf>);

impl OwnRules {
    /// Reads files, each with its name, in the form of `catalogue/fingerprints/`.
    ///
    /// # Errors
    /// The first thing that is wrong with each file that cannot be used, with its line.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, Vec<CatalogueError>> {
        let (mut shelf, mut errors) = (Shelf::default(), Vec::new());
        for (name, text) in files {
            let file = File { name, text, is_ours: false };
            let checked = Chapters::read(&file).and_then(|(reads, chapters)| {
                chapters.check_examples(&file)?;
                Ok((reads, chapters))
            });
            match checked {
                Ok((reads, chapters)) => shelf.add(Book::read(chapters), reads),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self(shelf.into())) } else { Err(errors) }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.rules()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(in crate::knowledge) fn of<'w>(
        &'w self,
        attribute: Attribute,
        words: &'w str,
    ) -> impl Iterator<Item = Fingerprint> + 'w {
        self.0.of(attribute, words)
    }

    pub(in crate::knowledge) fn reads(&self, attribute: Attribute) -> bool {
        self.0.reads(attribute)
    }
}
