//! Chance that can be had again.

/// The variable of the environment that names another seed.
const SEED: &str = "TEST_SEED";

/// SplitMix64; tells its seed when the test fails.
pub struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// The same seed each run, so that a red run is the change's own fault; another one, by `TEST_SEED`, to look further.
    pub fn new(usual: u64) -> Self {
        let seed = std::env::var(SEED).map_or(usual, |seed| seed.parse().unwrap());
        Self { seed, state: seed }
    }

    /// Another chance, for somebody who acts at the same time: of the same seed, so that the run can be had again.
    pub fn fork(&mut self) -> Self {
        let state = u64::try_from(self.below(usize::MAX)).unwrap();
        Self { seed: self.seed, state }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(limit).unwrap()).unwrap()
    }

    /// Whether one of `limit` equal chances came up.
    pub fn once_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to see it again: {SEED}={}", self.seed);
        }
    }
}
