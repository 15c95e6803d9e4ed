//! Numbers as text, in a place of their own: amounts and instants are told by the thousand.

/// Text of at most `N` ASCII characters, written from its end.
#[derive(Debug, Clone, Copy)]
pub struct Digits<const N: usize> {
    text: [u8; N],
    from: usize,
}

impl<const N: usize> Digits<N> {
    pub const fn new() -> Self {
        Self { text: [b'0'; N], from: N }
    }

    /// Puts a character before what is there; nothing when the place is full, which whoever chose `N` has to see to.
    pub fn put(&mut self, character: u8) {
        if let Some(place) = self.from.checked_sub(1) {
            self.text[place] = character;
            self.from = place;
        }
    }

    /// Puts a number before what is there, with zeros before it up to that many digits.
    pub fn number(&mut self, mut number: u64, width: usize) {
        let end = self.from;
        while number > 0 || end - self.from < width.min(end) {
            self.put(b"0123456789"[usize::try_from(number % 10).unwrap_or_default()]);
            number /= 10;
        }
    }

    pub fn as_str(&self) -> &str {
        // Only ASCII is put.
        std::str::from_utf8(&self.text[self.from..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_written_from_the_end() {
        let mut digits = Digits::<8>::new();
        digits.number(5, 2);
        digits.put(b'.');
        digits.number(120, 1);
        assert_eq!(digits.as_str(), "120.05");
        digits.number(0, 1);
        digits.put(b'+');
        assert_eq!(digits.as_str(), "+0120.05");
        digits.put(b'-');
        assert_eq!(digits.as_str(), "+0120.05", "there is no more room");
    }
}
