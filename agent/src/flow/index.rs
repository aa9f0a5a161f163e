//! Where the flows of a shard are, by the hash of their keys.
//!
//! A table of its own, since it is looked up for each packet and seldom in the cache of the processor: so it can be asked in
//! steps, the first of which only has loaded what the other one needs, for several packets at once.

use wardwatch_ring::prefetch;

/// Open addressing with linear probing. A cell is eight bytes, so a look-up most often loads one line; and as a cell has the
/// hash in it, the table grows without looking at the flows.
#[derive(Default)]
pub(super) struct Index {
    /// None, or a power of two.
    cells: Vec<Cell>,
    used: usize,
}

#[derive(Clone, Copy)]
struct Cell {
    hash: u32,
    /// [`FREE`] in a cell that is not used.
    id: u32,
}

/// Not the id of a flow: there are fewer.
const FREE: u32 = u32::MAX;

/// Cells of the first table.
const LEAST: usize = 16;

impl Index {
    /// How many flows there are.
    pub(super) const fn len(&self) -> usize {
        self.used
    }

    /// Has loaded what [`Self::candidate`] will need.
    #[inline(always)]
    pub(super) fn prefetch(&self, hash: u32) {
        if let Some(cell) = self.cells.get(self.home(hash)) {
            prefetch(cell);
        }
    }

    /// The flow, or another one with the same hash, which is very rare.
    #[inline(always)]
    pub(super) fn candidate(&self, hash: u32) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// The flow with this hash that is the right one.
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.position(hash, is_it).and_then(|position| self.cells.get(position)).map(|cell| cell.id)
    }

    /// Adds a flow that is not there yet.
    pub(super) fn insert(&mut self, hash: u32, id: u32) {
        if self.used >= self.cells.len() / 4 * 3 {
            self.grow();
        }
        self.put(Cell { hash, id });
        self.used += 1;
    }

    /// Takes a flow out.
    pub(super) fn remove(&mut self, hash: u32, id: u32) {
        let Some(mut gap) = self.position(hash, |other| other == id) else { return };
        self.used -= 1;
        // Cells behind that would not be found past the gap move into it.
        let mut next = gap;
        loop {
            next = self.after(next);
            let Some(cell) = self.cells.get(next).copied().filter(|cell| cell.id != FREE) else { break };
            let home = self.home(cell.hash);
            let mask = self.cells.len().wrapping_sub(1);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(gap) & mask {
                self.set(gap, cell);
                gap = next;
            }
        }
        self.set(gap, Cell { hash: 0, id: FREE });
    }

    fn position(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let mut position = self.home(hash);
        loop {
            let cell = self.cells.get(position)?;
            if cell.id == FREE {
                return None;
            }
            if cell.hash == hash && is_it(cell.id) {
                return Some(position);
            }
            position = self.after(position);
        }
    }

    /// Where a hash belongs.
    #[inline(always)]
    fn home(&self, hash: u32) -> usize {
        hash as usize & self.cells.len().wrapping_sub(1)
    }

    const fn after(&self, position: usize) -> usize {
        (position + 1) & self.cells.len().wrapping_sub(1)
    }

    fn grow(&mut self) {
        let cells = (self.cells.len() * 2).max(LEAST);
        let old = std::mem::replace(&mut self.cells, vec![Cell { hash: 0, id: FREE }; cells]);
        old.into_iter().filter(|cell| cell.id != FREE).for_each(|cell| self.put(cell));
    }

    /// Puts a cell into the first free place from its home on; a quarter of the places is always free.
    fn put(&mut self, cell: Cell) {
        let mut position = self.home(cell.hash);
        while self.cells.get(position).is_some_and(|taken| taken.id != FREE) {
            position = self.after(position);
        }
        self.set(position, cell);
    }

    fn set(&mut self, position: usize, cell: Cell) {
        if let Some(place) = self.cells.get_mut(position) {
            *place = cell;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_holds_what_a_list_would(steps in prop::collection::vec((0u32..40, any::<bool>(), any::<bool>()), 0..400)) {
            let mut index = Index::default();
            let mut list: Vec<(u32, u32)> = Vec::new();
            for (n, adds, scattered) in steps {
                // Many have the same home, and some the same hash.
                let (hash, id) = (if scattered { n.wrapping_mul(0x9e37_79b9) } else { n % 5 }, n);
                match list.iter().position(|known| *known == (hash, id)) {
                    Some(at) if !adds => {
                        list.swap_remove(at);
                        index.remove(hash, id);
                    }
                    None if adds => {
                        list.push((hash, id));
                        index.insert(hash, id);
                    }
                    _ => index.remove(hash, 1_000),
                }
                prop_assert_eq!(index.len(), list.len());
                for (hash, id) in &list {
                    prop_assert_eq!(index.find(*hash, |other| other == *id), Some(*id));
                    prop_assert!(index.candidate(*hash).is_some());
                }
                prop_assert_eq!(index.find(hash, |other| other == 1_000), None);
                prop_assert!(index.used * 4 <= index.cells.len() * 3);
            }
        }
    }

    #[test]
    fn an_empty_one_has_nothing_and_takes_no_memory() {
        let mut index = Index::default();
        index.remove(1, 1);
        index.prefetch(7);
        assert_eq!((index.candidate(7), index.len(), index.cells.capacity()), (None, 0, 0));
    }
}
