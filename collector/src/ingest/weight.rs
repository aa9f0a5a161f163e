//! How much memory facts take, about: their own size, what they point to, and their share of a tree's nodes.

use wardwatch_model::{
    Conversation, ConversationKey, Description, Place, Seen, Sighting,
    heap::{ALLOCATION, in_tree},
};

/// Bytes of memory, about.
pub(super) trait Weight {
    /// Of a value in a tree, with all it points to.
    fn weight(&self) -> usize;
}

impl Weight for Place {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Sighting {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Seen {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for ConversationKey {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Description {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>()) + self.heap_bytes()
    }
}

impl Weight for Box<Conversation> {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>()) + size_of::<Conversation>() + ALLOCATION + self.heap_bytes()
    }
}
