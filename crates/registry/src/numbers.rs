//! Numbers that look random and are the same in every run, for the rows that packs are tried with.

/// The generator of Knuth's MMIX.
#[derive(Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub fn from(seed: u64) -> Numbers {
        Numbers(seed)
    }

    /// Of 31 bits: the lower ones of this generator hardly look random.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }
}
