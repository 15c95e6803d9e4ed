//! A number of things, bytes or files, of which each client may hold a share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::types::ClientId;

/// What may be held at once, in all and by one client; requests without a client have one share together. Cloning shares
/// the budget.
#[derive(Debug, Clone)]
pub struct Budget {
    total: usize,
    share: usize,
    held: Arc<Mutex<HashMap<Option<ClientId>, usize>>>,
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    client: Option<ClientId>,
    amount: usize,
}

impl Budget {
    pub fn new(total: usize, share: usize) -> Self {
        Self { total, share: share.min(total), held: Arc::default() }
    }

    /// Reserves `amount` for a client; `None` when the budget or the client's share does not have it.
    pub fn reserve(&self, client: Option<ClientId>, amount: usize) -> Option<Reservation> {
        let mut reservation = Reservation { budget: self.clone(), client, amount: 0 };
        reservation.grow(amount).then_some(reservation)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Option<ClientId>, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Reserves `more`, or nothing and answers `false`.
    pub fn grow(&mut self, more: usize) -> bool {
        let mut held = self.budget.held();
        let by_all: usize = held.values().sum();
        let by_client = held.get(&self.client).copied().unwrap_or_default();
        let has_room = by_all.saturating_add(more) <= self.budget.total
            && by_client.saturating_add(more) <= self.budget.share;
        if has_room && more > 0 {
            held.insert(self.client, by_client + more);
            self.amount += more;
        }
        has_room
    }

    pub fn amount(&self) -> usize {
        self.amount
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut held = self.budget.held();
        let left = held.get(&self.client).copied().unwrap_or_default().saturating_sub(self.amount);
        if left == 0 {
            held.remove(&self.client);
        } else {
            held.insert(self.client, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_client_holds_its_share_at_the_most() {
        let budget = Budget::new(10, 4);
        let (one, other) = (Some(ClientId::generate()), Some(ClientId::generate()));
        let first = budget.reserve(one, 3).unwrap();
        assert!(budget.reserve(one, 2).is_none());
        let mut second = budget.reserve(one, 1).unwrap();
        assert!(!second.grow(1));
        let _others = (budget.reserve(other, 4).unwrap(), budget.reserve(None, 2).unwrap());
        assert!(budget.reserve(None, 1).is_none(), "all is held");
        drop(first);
        assert!(second.grow(3) && second.amount() == 4);
    }

    proptest! {
        #[test]
        fn nothing_is_held_beyond_the_budget_or_lost(
            steps in prop::collection::vec((0_usize..4, 0_usize..6, any::<bool>()), 0..60)
        ) {
            let budget = Budget::new(12, 7);
            let clients: Vec<_> = [None].into_iter().chain((0..3).map(|_| Some(ClientId::generate()))).collect();
            let mut held: Vec<(usize, Reservation)> = Vec::new();
            for (client, amount, is_return) in steps {
                if is_return && !held.is_empty() {
                    held.remove(amount % held.len());
                    continue;
                }
                let of = |index: usize, held: &[(usize, Reservation)]| -> usize {
                    held.iter().filter(|(owner, _)| *owner == index).map(|(_, one)| one.amount()).sum()
                };
                let by_all: usize = held.iter().map(|(_, one)| one.amount()).sum();
                let has_room = by_all + amount <= 12 && of(client, &held) + amount <= 7;
                let reserved = budget.reserve(clients[client], amount);
                prop_assert_eq!(reserved.is_some(), has_room);
                held.extend(reserved.map(|one| (client, one)));
            }
            held.clear();
            prop_assert!(budget.held().is_empty());
        }
    }
}
