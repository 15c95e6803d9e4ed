//! Finding by words. Texts are made into words here, for both databases, so that both find the same: accents and case
//! fall off, French endings too. The databases only index what comes out.

mod index;
mod words;

pub use index::{Condition, Holder, Names, Subject, forget, holds, keep, with_word};
pub use words::{Query, Wanted, fold};
