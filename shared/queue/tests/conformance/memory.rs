//! The queue in memory, for the conformance suite.

use std::sync::Arc;

use async_trait::async_trait;
use queue::memory::MemoryQueue;
use queue::{Envelope, Queue};

use crate::conformance::conformance;
use crate::fixture::{Fixture, topology};

struct Memory(MemoryQueue);

#[async_trait]
impl Fixture for Memory {
    async fn new() -> Self {
        Self(MemoryQueue::new(topology()))
    }

    fn queue(&self) -> Arc<dyn Queue> {
        Arc::new(self.0.clone())
    }

    async fn dead(&self) -> Vec<Envelope> {
        self.0.dead()
    }

    async fn clean(self) {}
}

conformance!(Memory);
