//! Whether a result is whole, readable, of this target, each record once, accounted for, and what
//! the ERP itself gives as totals.

use domain::checks::{Check, CheckName};
use domain::manifest::{Manifest, main_reason};
use fold::{Findings, Sampled, field_of};

use crate::cash_out::FaturaFindings;
use crate::cash_out::control::Control;

pub fn whole(manifest: &Manifest) -> Check {
    let (listed, fetched) = (manifest.contratos_listed, manifest.contratos_fetched);
    let observed = format!("{fetched} of {listed} contratos fetched");
    match listed == fetched {
        true => Check::passed(CheckName::Whole, observed),
        false => Check::failed(CheckName::Whole, observed, vec![]),
    }
}

/// A period without an answer has failed the job already.
pub fn periods_answered(findings: &FaturaFindings) -> Check {
    let periods = findings.periods;
    Check::passed(CheckName::Whole, format!("{periods} periods answered"))
}

/// A contrato that cannot be read has failed the job already; a date of signature is left to note.
pub fn readable_contratos(findings: &Findings) -> Check {
    let Sampled { tally, samples } = &findings.assinatura_unreadable;
    let name = CheckName::ReadableContratos;
    match tally.count {
        0 => Check::passed(name, format!("{} contratos read", findings.contratos)),
        unknown => Check::noted(
            name,
            format!("data_assinatura of {unknown} contratos cannot be read: unknown"),
        )
        .with_samples(samples),
    }
}

pub fn readable(name: CheckName, manifest: &Manifest, sampled: &Sampled) -> Check {
    let (read, rejected) = (manifest.records_read, sampled.tally.count);
    if rejected == 0 {
        return Check::passed(name, format!("{read} read, none rejected"));
    }
    let reason = main_reason(&manifest.rejected);
    let observed = format!("{rejected} of {read} rejected, mostly {reason}");
    let check = match rejected * 100 > read {
        true => Check::failed(name, observed, vec![field_of(&reason)]),
        false => Check::noted(name, observed),
    };
    check.with_samples(&sampled.samples)
}

pub fn belongs(findings: &Findings) -> Check {
    let Sampled { tally, samples } = &findings.foreign;
    let (foreign, listed) = (tally.count, findings.contratos);
    let observed = format!("{foreign} of {listed} contratos are of another empreendimento");
    let check = match foreign {
        0 => Check::passed(CheckName::Belongs, observed),
        2.. if foreign * 100 > listed => Check::failed(CheckName::Belongs, observed, vec![]),
        _ => Check::noted(CheckName::Belongs, format!("{observed}, left out")),
    };
    check.with_samples(samples)
}

pub fn once(what: &str, repeated: &[(&str, &Sampled)]) -> Check {
    noted_if_any(CheckName::Once, &format!("{what} come once"), repeated)
}

pub fn placed(findings: &Findings) -> Check {
    let parcelas = &findings.parcelas;
    noted_if_any(
        CheckName::Placed,
        "every parcela has its dates",
        &[
            (
                "parcelas without data_vencimento, which count for vp alone",
                &parcelas.without_due_date,
            ),
            (
                "paid parcelas without data_baixa or vlr_pago, in no month of actual",
                &parcelas.unplaced,
            ),
        ],
    )
}

pub fn noted_if_any(name: CheckName, otherwise: &str, found: &[(&str, &Sampled)]) -> Check {
    let found = || found.iter().filter(|(_, sampled)| sampled.tally.count > 0);
    let told: Vec<_> = found()
        .map(|(what, Sampled { tally, .. })| {
            format!("{} {what} (R$ {})", tally.count, tally.amount)
        })
        .collect();
    match told.is_empty() {
        true => Check::passed(name, otherwise),
        false => Check::noted(name, told.join("; "))
            .with_samples(found().flat_map(|(_, sampled)| &sampled.samples)),
    }
}

pub fn balanced(name: CheckName, manifest: &Manifest, measure: &str) -> Check {
    let balance = manifest.balances.get(measure).copied().unwrap_or_default();
    let (source, accounted) = (balance.source, balance.accounted());
    let observed = format!("R$ {source} read, {accounted} accounted for");
    match source == accounted {
        true => Check::passed(name, observed),
        false => Check::failed(name, observed, vec![]),
    }
}

/// A total that the ERP does not give is noted: nothing shows that the result is wrong.
pub fn control_total(controls: &[Control]) -> Check {
    let observed: Vec<_> = controls.iter().map(Control::to_string).collect();
    let observed = observed.join("; ");
    let check = match controls.iter().all(Control::is_in_order) {
        true => Check::passed(CheckName::ControlTotal, observed),
        false => Check::noted(CheckName::ControlTotal, observed),
    };
    check.with_samples(controls.iter().flat_map(Control::samples))
}
