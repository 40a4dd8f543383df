//! What a test changes and reads while the simulator runs.

use std::time::Duration;

use serde_json::Value;

use crate::call::{Route, Selector};
use crate::counters::Counters;
use crate::erp::is_slowness;
use crate::faults::Fault;
use crate::latency::Latency;
use crate::lies::Lie;
use crate::server::Simulator;

impl Simulator {
    /// Adds a fault after those that are there.
    pub fn fault(&self, fault: Fault) {
        self.faults([fault]);
    }

    /// Adds faults after those that are there.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.erp.faults.add(faults);
    }

    /// Removes all faults. Calls that already hang stay hanging.
    pub fn clear_faults(&self) {
        self.erp.faults.clear();
    }

    /// Sets how long data calls take from now on.
    pub fn set_latency(&self, latency: Latency) {
        self.erp.set_latency(latency);
    }

    /// Makes data calls take so many times as long from now on, those in flight too: a server that
    /// recovers also answers those sooner. Finite and more than zero.
    ///
    /// # Panics
    /// When `times` is neither.
    pub fn set_slowness(&self, times: f64) {
        assert!(is_slowness(times), "a slowness of {times}");
        self.erp.set_slowness(times);
    }

    /// Holds the selected calls, on their arrival and before faults and latency, until
    /// [`Simulator::open_gates`]. [`Counters::at_gate`] says how many are held.
    pub fn gate(&self, selector: Selector) {
        self.erp.gates.close(selector);
    }

    /// Lets all held calls go on and holds no more.
    pub fn open_gates(&self) {
        self.erp.gates.open_all();
    }

    /// Replaces the answer of the central bank's series.
    pub fn set_ipca(&self, body: Value) {
        self.erp.ipca.set(body);
    }

    /// Replaces the list of empreendimentos.
    pub fn override_empreendimentos(&self, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_empreendimentos(body));
    }

    /// Replaces the contract list of one empreendimento, also in the answer for all (0).
    pub fn override_contratos(&self, empreendimento: i64, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_contratos(empreendimento, body));
    }

    /// Replaces the parcelas of one contract.
    pub fn override_parcelas(&self, cod_contrato: i64, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_parcelas(cod_contrato, body));
    }

    /// Replaces all payables; they are still filtered by due date and filial, where readable.
    pub fn override_faturas(&self, rows: &[Value]) {
        self.erp
            .data
            .change(|overrides| overrides.set_faturas(rows));
    }

    /// Forgets all overrides.
    pub fn clear_overrides(&self) {
        self.erp.data.change(|overrides| overrides.clear());
    }

    /// Tells a lie from now on, over the data and the overrides, after those already told.
    ///
    /// # Panics
    /// When it makes no sense, for example a share above 1.
    pub fn lie(&self, lie: Lie) {
        assert_eq!(lie.problem(), None, "{lie:?}");
        self.erp.data.change_lies(|lies| lies.push(lie));
    }

    /// Forgets all lies.
    pub fn clear_lies(&self) {
        self.erp.data.change_lies(Vec::clear);
    }

    /// Lifetime of the access tokens issued from now on; refresh tokens live twice as long.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.erp.accounts.set_lifetime(lifetime);
    }

    /// Makes every access token answer 401; refreshing still works.
    pub fn void_access_tokens(&self) {
        self.erp.accounts.void_access();
    }

    /// Makes every access and refresh token worthless.
    pub fn void_all_tokens(&self) {
        self.erp.accounts.void_all();
    }

    /// Refuses every sign-in, as for a changed password, until switched off. Refusals count
    /// towards the account's lock.
    pub fn refuse_sign_ins(&self, refuse: bool) {
        self.erp.accounts.refuse(refuse);
    }

    /// Whether the account is locked.
    pub fn account_locked(&self) -> bool {
        self.erp.accounts.locked()
    }

    /// Unlocks the account, as a person at the ERP would.
    pub fn unlock_account(&self) {
        self.erp.accounts.unlock();
    }

    /// What has been asked so far.
    pub fn counters(&self) -> Counters {
        self.erp.tally.snapshot()
    }

    /// Sets the counters to zero, except for what is in flight or at a gate now.
    pub fn reset_counters(&self) {
        self.erp.tally.reset();
    }

    /// Returns when at least `calls` calls of a route have arrived since the start or the last
    /// reset of the counters. Without a limit of its own: wrap it in a timeout.
    pub async fn wait_for_calls(&self, route: Route, calls: u64) -> Counters {
        self.wait_until(|counters| counters.calls_of(route) >= calls)
            .await
    }

    /// Returns when the counters are as `holds` says, for example `|c| c.at_gate == 2`.
    pub async fn wait_until(&self, holds: impl FnMut(&Counters) -> bool) -> Counters {
        self.erp.tally.wait_until(holds).await
    }
}
