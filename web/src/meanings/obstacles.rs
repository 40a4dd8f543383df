//! Why a month should not be signed off yet.

use domain::job::Target;
use producer::report::Obstacle;

use crate::language::Language;

impl Language {
    /// An obstacle in words; English is the command's own.
    pub fn obstacle(self, obstacle: &Obstacle) -> String {
        if self == Self::English {
            return obstacle.to_string();
        }
        match obstacle {
            Obstacle::NotOver(month) => format!("{} ainda não acabou", self.month(month)),
            Obstacle::Pending {
                id,
                nome,
                failed: true,
            } => format!("{id} {nome}: o job mais novo falhou"),
            Obstacle::Pending { id, nome, .. } => {
                format!("{id} {nome}: o job mais novo ainda não terminou")
            }
            Obstacle::NotCommitted(target) => {
                format!("{}: nenhuma execução gravou o mês", self.target(*target))
            }
            Obstacle::Early { target, as_of } => format!(
                "{}: gravado na data de {}, antes do fim do mês",
                self.target(*target),
                self.day(as_of)
            ),
            Obstacle::DaysMissing { committed, days } => format!(
                "{}: só {committed} de {days} dias de vencimento estão gravados",
                self.target(Target::SaidasCaixa)
            ),
        }
    }

    fn target(self, target: Target) -> String {
        match target {
            Target::Empreendimento(id) => id.to_string(),
            Target::SaidasCaixa => self.words().cash_out.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obstacle_is_told_in_the_reader_s_language() {
        let early = Obstacle::Early {
            target: Target::SaidasCaixa,
            as_of: "2026-09-30".parse().unwrap(),
        };
        assert_eq!(
            Language::Portuguese.obstacle(&early),
            "Saídas: gravado na data de 30/09/2026, antes do fim do mês"
        );
        assert_eq!(Language::English.obstacle(&early), early.to_string());
    }
}
