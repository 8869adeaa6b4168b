use std::collections::HashMap;

/// Where the server keeps something: catalog, row, and column for what is part of a row.
pub(super) type Address = (u32, u32, i32);

/// Which object stands at an address, by the reader's number.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    objects: HashMap<Address, usize>,
    /// What the catalog has apart and people take for one.
    parts: HashMap<Address, Address>,
}

impl Addresses {
    pub(super) fn add(&mut self, address: Address, object: usize) {
        self.objects.insert(address, object);
    }

    pub(super) fn add_part(&mut self, part: Address, whole: Address) {
        self.parts.insert(part, whole);
    }

    /// The object at just that address.
    pub(super) fn exact(&self, address: Address) -> Option<usize> {
        self.objects.get(&address).copied()
    }

    /// The object at an address, or of which it is a part; none for what is not in the model.
    pub(super) fn object(&self, mut address: Address) -> Option<usize> {
        // An array's element, its row type, its table: no chain is longer.
        for _ in 0..4 {
            if let Some(object) = self.exact(address) {
                return Some(object);
            }
            let whole = |address| self.parts.get(&address).copied();
            address = match whole(address) {
                Some(whole) => whole,
                // A column of what has no columns of its own here: a view, a composite type.
                None if address.2 != 0 => (address.0, address.1, 0),
                None => return None,
            };
        }
        None
    }
}
