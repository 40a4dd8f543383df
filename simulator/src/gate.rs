//! Gates: calls that a test holds until it has looked around.

use tokio::sync::watch;

use crate::call::{Call, Selector};

pub(crate) struct Gates(watch::Sender<Vec<Selector>>);

impl Gates {
    pub fn new() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }

    pub fn close(&self, selector: Selector) {
        self.0.send_modify(|closed| closed.push(selector));
    }

    pub fn open_all(&self) {
        self.0.send_modify(Vec::clear);
    }

    pub fn holds(&self, call: Call) -> bool {
        self.0
            .borrow()
            .iter()
            .any(|selector| selector.matches(call))
    }

    /// Returns when no closed gate is for this call.
    pub async fn pass(&self, call: Call) {
        let open = |closed: &Vec<Selector>| !closed.iter().any(|gate| gate.matches(call));
        // An error would mean that the sender is gone, and it lives as long as this borrow.
        let _ = self.0.subscribe().wait_for(open).await;
    }
}
