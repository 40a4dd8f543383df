"""The figures of an empreendimento, computed from the list of all its parcelas."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from mega import Parcela, decimal, lower

CATEGORIES = ("ativos", "recuperacoes", "antecipacoes", "outras")
BUCKETS = (
    ("up_to_30", 30),
    ("days_30_60", 60),
    ("days_60_90", 90),
    ("days_90_180", 180),
    ("above_180", 365),
)
CENTAVO = Decimal("0.01")


@dataclass(slots=True)
class Window:
    """The months of a run, and its today."""

    start: date
    end: date
    as_of: date

    def last_days(self) -> list[date]:
        days, year, month = [], self.start.year, self.start.month
        while (year, month) <= (self.end.year, self.end.month):
            days.append(date(year, month, monthrange(year, month)[1]))
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return days


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def money(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(CENTAVO, ROUND_HALF_EVEN)


def is_active(contrato: dict) -> bool:
    return lower(contrato["status_contrato"]) in ("ativo", "a", "normal", "n")


def cash_in(parcelas: list[Parcela], window: Window) -> list[dict]:
    forecast, actual = defaultdict(Decimal), defaultdict(Decimal)
    for parcela in parcelas:
        if not parcela.active or parcela.vencimento is None:
            continue
        due = month_of(parcela.vencimento)
        forecast[due, "ativos" if parcela.from_contract else "outras"] += parcela.valor
        if parcela.paid and parcela.baixa is not None:
            paid = month_of(parcela.baixa)
            actual[paid, category(parcela, paid, due)] += parcela.pago
    return [
        {
            "ref_month": month,
            "category": name,
            "forecast": money(forecast[month, name]),
            "actual": money(actual[month, name]),
            "details": {},
        }
        for month in map(month_of, window.last_days())
        for name in CATEGORIES
    ]


def category(parcela: Parcela, paid: str, due: str) -> str:
    if not parcela.from_contract:
        return "outras"
    if paid == due:
        return "ativos"
    return "antecipacoes" if paid < due else "recuperacoes"


def after_grace(due: date) -> date:
    """The last day of grace: two business days after the due date."""
    day, left = due, 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def delinquency(parcelas: list[Parcela], window: Window) -> list[dict]:
    candidates = [
        (parcela, after_grace(parcela.vencimento))
        for parcela in parcelas
        if parcela.active
        and parcela.from_contract
        and parcela.vencimento is not None
        and parcela.vencimento < window.as_of
    ]
    return [delinquency_at(candidates, last_day, window) for last_day in window.last_days()]


def delinquency_at(
    candidates: list[tuple[Parcela, date]], last_day: date, window: Window
) -> dict:
    ref = min(last_day, window.as_of)
    amounts = {name: Decimal(0) for name, _ in BUCKETS}
    quantity, excluded_quantity, excluded = 0, 0, Decimal(0)
    for parcela, grace in candidates:
        if ref <= grace or (parcela.baixa is not None and parcela.baixa <= ref):
            continue
        late = (ref - parcela.vencimento).days
        for name, last in BUCKETS:
            if late <= last:
                amounts[name] += parcela.valor
                quantity += 1
                break
        else:
            excluded += parcela.valor
            excluded_quantity += 1
    return {
        "ref_month": month_of(last_day),
        **{name: money(amount) for name, amount in amounts.items()},
        "total": money(sum(amounts.values())),
        "details": {
            "quantity": quantity,
            "over_365": {"quantity": excluded_quantity, "amount": str(money(excluded))},
        },
    }


def portfolio(
    contratos: list[dict], parcelas_of: dict[int, list[Parcela]], window: Window
) -> list[dict]:
    active = [contrato for contrato in contratos if is_active(contrato)]
    everything = [parcela for parcelas in parcelas_of.values() for parcela in parcelas]
    vp = sum((parcela.presente for parcela in everything), Decimal(0))
    valor = sum((decimal(contrato["valor_contrato"]) for contrato in active), Decimal(0))
    open_saldos = [
        (parcela.vencimento, float(parcela.corrigido - parcela.pago))
        for parcela in everything
        if parcela.vencimento is not None and parcela.corrigido > parcela.pago
    ]
    shared = {
        "vp": money(vp),
        "ltv": money(vp / valor * 100) if valor else Decimal(0),
        "prazo_medio": prazo_medio(active, parcelas_of),
        "total_contracts": len(contratos),
        "active_contracts": len(active),
        "details": {"vp_as_of": str(window.as_of), "ltv_base": "nominal"},
    }
    return [
        {"ref_month": month_of(ref), "duration": duration(open_saldos, ref), **shared}
        for ref in window.last_days()
    ]


def prazo_medio(active: list[dict], parcelas_of: dict[int, list[Parcela]]) -> Decimal:
    weighted, weights = Decimal(0), Decimal(0)
    for contrato in active:
        parcelas = parcelas_of[contrato["cod_contrato"]]
        mensal = next((p for p in parcelas if p.tipo == "mensal" and "/" in p.sequencia), None)
        if mensal is not None:
            valor = decimal(contrato["valor_contrato"])
            weighted += int(mensal.sequencia.split("/")[1]) * valor
            weights += valor
    mean = weighted / weights if weights else Decimal(0)
    return mean.quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def duration(open_saldos: list[tuple[date, float]], ref: date) -> Decimal:
    """Macaulay duration in years at 10 % a year."""
    weighted, present = 0.0, 0.0
    for due, saldo in open_saldos:
        days = (due - ref).days
        if days >= -365:
            years = days / 365
            value = saldo / 1.10**years
            weighted += years * value
            present += value
    return Decimal(weighted / present if present else 0.0).quantize(CENTAVO, ROUND_HALF_EVEN)
