"""The ERP's API: one session for all threads, and its answers as Python values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

FATURAS = "/api/FinanceiroMovimentacao/FaturaPagar/Saldo"


@dataclass(slots=True)
class Parcela:
    """One parcela, with the fields that the figures use."""

    active: bool
    from_contract: bool
    paid: bool
    tipo: str
    sequencia: str
    vencimento: date | None
    baixa: date | None
    valor: Decimal
    corrigido: Decimal
    pago: Decimal
    presente: Decimal


class Mega:
    """Signs in once and asks; safe to share between threads."""

    def __init__(self, url: str, tenant: str, username: str, password: str, threads: int):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        retry = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads, max_retries=retry)
        self.session.mount("http://", adapter)
        self.session.mount("https://", adapter)
        self.session.headers.update({"tenantId": tenant, "Accept": "application/json"})
        answer = self.session.post(
            f"{self.url}/api/Auth/SignIn",
            json={"userName": username, "password": password},
            headers={"grantType": "Api"},
            timeout=60,
        )
        answer.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"

    def _get(self, path: str) -> list[dict]:
        answer = self.session.get(self.url + path, timeout=60)
        answer.raise_for_status()
        # Amounts become Decimal from their digits, never by way of a float.
        return [] if answer.status_code == 204 else answer.json(parse_float=Decimal)

    def empreendimentos(self) -> list[dict]:
        return self._get("/api/globalestruturas/Empreendimentos?expand=projeto,centroCusto,filial")

    def contratos(self, empreendimento: int) -> list[dict]:
        return self._get(f"/api/Carteira/DadosContrato/IdEmpreendimento={empreendimento}")

    def parcelas(self, contrato: int) -> list[Parcela]:
        records = self._get(f"/api/Carteira/DadosParcelas/IdContrato={contrato}")
        return [parcela(record) for record in records]

    def faturas(self, start: date, end: date) -> list[dict]:
        return self._get(f"{FATURAS}/{start}/{end}")


def parcela(record: dict) -> Parcela:
    original = decimal(record["vlr_original"])
    corrigido = decimal(record["vlr_corrigido"])
    return Parcela(
        active=lower(record["status_parcela"]) == "ativo",
        from_contract=lower(record["parcela_origem"]) in ("contrato", "tabela price"),
        paid=lower(record["situacao"]) in ("pago", "liquidado", "quitado"),
        tipo=lower(record["tipo_parcela"]),
        sequencia=record["sequencia"] or "",
        vencimento=day(record["data_vencimento"]),
        baixa=day(record["data_baixa"]),
        valor=original or corrigido,
        corrigido=corrigido,
        pago=decimal(record["vlr_pago"]),
        presente=decimal(record["vlr_presente"]),
    )


def lower(text: str | None) -> str:
    return (text or "").strip().lower()


def decimal(value: Decimal | int | str | None) -> Decimal:
    """An amount, also written as text, there in the Brazilian manner."""
    if value is None:
        return Decimal(0)
    if isinstance(value, str) and "," in value:
        value = value.replace(".", "").replace(",", ".")
    return Decimal(value)


def day(text: str | None) -> date | None:
    """A dd/mm/yyyy date; 01/01/0001 stands for none."""
    if text is None or text == "01/01/0001":
        return None
    return datetime.strptime(text, "%d/%m/%Y").date()
