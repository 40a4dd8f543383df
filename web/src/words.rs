//! The texts of the page in both languages, side by side.

/// Makes the texts: a name, in Portuguese, in English.
macro_rules! words {
    ($($name:ident: $portuguese:literal, $english:literal;)*) => {
        /// The texts in one language, by what they are for.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "each says itself what it means")]
        pub struct Words {
            $(pub $name: &'static str,)*
        }

        /// As in Brazil.
        pub static PORTUGUESE: Words = Words { $($name: $portuguese,)* };
        /// In English.
        pub static ENGLISH: Words = Words { $($name: $english,)* };
    };
}

words! {
    overview: "Visão geral", "Overview";
    runs: "Execuções", "Runs";
    figures: "Valores", "Figures";
    cash_out: "Saídas", "Cash out";
    changes: "O que mudou", "What changed";
    closes: "Meses fechados", "Closed months";
    schedules: "Agenda", "Schedules";
    maintenance: "Manutenção", "Maintenance";
    about: "Sobre", "About";
    menu: "Menu", "Menu";
    skip: "Ir para o conteúdo", "Skip to the content";
    other_language: "English", "Português";

    run: "Execução", "Run";
    state: "Estado", "State";
    window: "Período", "Window";
    as_of: "na data de", "as of";
    began: "Início", "Began";
    ended: "Fim", "Ended";
    elapsed: "Duração", "Elapsed";
    jobs: "Jobs", "Jobs";
    speed: "Ritmo", "Speed";
    jobs_a_minute: "jobs por minuto", "jobs a minute";
    progress: "Andamento", "Progress";
    pause: "Pausar atualizações", "Pause updates";
    news: "Há novidades abaixo: recarregar", "There is news below: reload";
    remaining: "Faltam cerca de", "About this long left";
    requested_by: "Pedida por", "Requested by";
    by_schedule: "Agendamento", "Schedule";
    last_complete: "Última execução completa:", "Last complete run:";
    no_run: "Ainda não há nenhuma execução. Inicie uma em Execuções, ou com o comando backfill.", "There is no run yet. Begin one under Runs, or with the command backfill.";

    complete: "completa", "complete";
    failed: "com falhas", "with failures";
    cancelled: "cancelada", "cancelled";
    refused: "login recusado", "sign-in refused";
    not_published: "não publicada", "not published";
    running: "em andamento", "running";
    queued: "na fila", "queued";
    waiting: "aguardando", "waiting";
    planning: "em planejamento", "being planned";
    plan_refused: "plano recusado", "plan refused";

    missing: "O que falta, e por quê", "What is missing, and why";
    setbacks: "Serão tentados de novo", "To be tried again";
    nothing_missing: "Nada falta.", "Nothing is missing.";
    what_to_do: "O que fazer", "What to do";
    and_more: "e mais", "and more:";
    workers: "Workers", "Workers";
    no_worker: "Nenhum worker está vivo.", "No worker is alive.";
    idle: "sem job", "without a job";
    sign_in: "Login no ERP", "Sign-in to the ERP";
    sign_in_fine: "sem recusa", "not refused";
    refused_at: "recusado em", "refused at";
    checks: "Verificações", "Checks";
    passed: "aprovadas", "passed";
    noted: "a observar", "noted";
    accepted: "aceitas", "accepted";
    checks_failed: "reprovadas", "failed";
    expected: "esperado", "expected";
    observed: "encontrado", "observed";
    control_total_noted: "O total de controle não confere, ou o ERP não o deu.", "The control total does not match, or the ERP did not give it.";
    old_ipca: "O LTV usa índices IPCA até", "LTV rests on IPCA indices up to";
    silent_jobs: "Jobs cuja mensagem parece perdida", "Jobs whose message seems lost";

    do_failed: "Veja cada causa abaixo, corrija-a e recoloque os jobs na fila:", "Read each cause below, correct it, and requeue the jobs:";
    do_plan_refused: "Corrija a causa e inicie a execução do agendamento de novo:", "Correct the cause, and begin a run of the schedule again:";
    do_refused: "Corrija o usuário e a senha do ERP e libere o login:", "Correct the user and the password of the ERP, and let the fleet sign in again:";
    do_not_published: "Publique as mensagens que faltam:", "Publish the messages that are missing:";
    do_no_worker: "Inicie um worker: nenhum está vivo.", "Start a worker: none is alive.";
    do_silent: "Publique de novo as mensagens perdidas:", "Publish the lost messages again:";

    requeue: "Recolocar na fila", "Requeue";
    resume: "Publicar", "Publish";
    done_by_people: "O que pessoas fizeram", "What people did";
    retry_sign_in: "Liberar o login", "Let the fleet sign in again";
    requeue_all: "Recolocar todos na fila", "Requeue all";
    would_requeue: "Jobs que voltam para a fila:", "Jobs that go back to the queue:";
    nothing_to_requeue: "Nenhum job falhou por esta causa.", "No job failed for this cause.";
    accept_change: "A mudança é verdadeira: aceitar as verificações que falharam", "The change is true: accept the checks that failed";
    back: "Voltar", "Back";

    begin_run: "Iniciar execução", "Begin a run";
    first_day: "Primeiro dia", "First day";
    last_day: "Último dia", "Last day";
    codes: "Códigos de empreendimentos", "Codes of empreendimentos";
    left_empty: "O que fica vazio: desde o início do mês até ontem; todos os empreendimentos e as saídas. Os meses do período são calculados inteiros.", "What is left empty: from the first of the month to yesterday; all empreendimentos and the cash out. The months of the window are computed whole.";
    long_window: "Aceitar um período longo", "Accept a long window";
    shrank_for_good: "O cadastro do ERP diminuiu de verdade: planejar mesmo assim", "The ERP's list has truly shrunk: plan all the same";
    urgent: "Urgente", "Urgent";
    before_other_runs: "antes dos jobs de outras execuções", "before the jobs of other runs";
    look_at_plan: "Ver o plano", "Look at the plan";
    the_plan: "O plano", "The plan";
    nothing_written_yet: "Nada foi gravado ainda.", "Nothing is written yet.";
    wrong_field: "Um campo não está certo.", "A field is not right.";
    too_many_months: "O período tem meses demais: escolha um menor ou aceite um período longo.", "The window has too many months: choose a shorter one, or accept a long window.";
    unknown_empreendimento: "O ERP não lista um destes empreendimentos.", "The ERP does not list one of these empreendimentos.";
    catalogue_shrank: "O ERP deixou de listar muitos empreendimentos com contratos. Confira no ERP; se é verdade, planeje mesmo assim.", "The ERP no longer lists many empreendimentos with contratos. Look it up in the ERP; if it is true, plan all the same.";
    catalogue_empty: "O ERP não lista nenhum empreendimento. Confira a empresa e os direitos do usuário do ERP.", "The ERP lists no empreendimento. Check the tenant and the rights of the ERP's user.";
    catalogue_unreadable: "A lista de empreendimentos do ERP não pode ser lida. Corrija no ERP o que a mensagem indica.", "The ERP's list of empreendimentos cannot be read. Correct what the message names in the ERP.";
    erp_silent: "O ERP não respondeu como esperado. Nada mudou; tente de novo em instantes.", "The ERP did not answer as expected. Nothing has changed; try again shortly.";

    transient: "falha passageira", "passing fault";
    throttled: "o ERP pede menos chamadas", "the ERP asks for fewer calls";
    erp_away: "o ERP está fora do ar", "the ERP is away";
    class_sign_in: "login recusado", "sign-in refused";
    data: "dados do ERP", "data of the ERP";
    implausible: "implausível", "implausible";
    poison: "mensagem ilegível", "unreadable message";
    bug: "erro do programa", "fault of the program";
    do_transient: "Acontece quando a rede ou o ERP falha por mais tempo que as tentativas. Recoloque na fila.", "The network or the ERP failed for longer than the attempts take. Requeue.";
    do_throttled: "Recoloque na fila quando o ERP estiver menos ocupado, ou diminua MEGA_SYNC_HTTP_CONCURRENCY.", "Requeue when the ERP is less busy, or lower MEGA_SYNC_HTTP_CONCURRENCY.";
    do_erp_away: "Nada a fazer: o trabalho continua quando o ERP responder.", "Nothing: the work goes on when the ERP answers.";
    do_sign_in: "Corrija o usuário e a senha do ERP e libere o login.", "Correct the user and the password of the ERP, and lift the stop.";
    do_data: "Corrija no ERP o registro que a mensagem indica e recoloque na fila.", "Correct the record that the message names in the ERP, and requeue.";
    do_implausible: "Confira no ERP. Se a mudança é verdadeira, recoloque na fila com --accept-change.", "Look it up in the ERP. If the change is true, requeue with --accept-change.";
    do_poison: "Atualize os workers: a mensagem é de outra versão.", "Upgrade the workers: the message is of another version.";
    do_bug: "Guarde a mensagem e avise quem mantém o programa. Depois recoloque na fila.", "Keep the message and tell whoever maintains the program. Then requeue.";

    measure: "Medida", "Measure";
    forecast: "Previsto", "Forecast";
    actual: "Recebido", "Received";
    cash_in: "Entradas previstas e recebidas", "Cash in, forecast and received";
    up_to_30: "até 30 dias", "up to 30 days";
    days_30_60: "31 a 60 dias", "31 to 60 days";
    days_60_90: "61 a 90 dias", "61 to 90 days";
    days_90_180: "91 a 180 dias", "91 to 180 days";
    above_180: "mais de 180 dias", "over 180 days";
    overdue: "Vencido", "Overdue";
    vp: "Valor presente", "Present value";
    ltv: "LTV %", "LTV %";
    empreendimento: "Empreendimento", "Empreendimento";
    month: "Mês", "Month";
    total: "Total", "Total";
    earlier: "Meses anteriores", "Earlier months";
    later: "Meses seguintes", "Later months";
    show: "Mostrar", "Show";
    no_figures: "Ainda não há valores nestes meses.", "There are no figures of these months yet.";
    in_reais: "Valores em reais.", "Amounts in reais.";

    search: "Nome ou código", "Name or code";
    every: "todos", "all";
    with_stale: "com valor desatualizado", "with a stale figure";
    with_failed: "com falha", "with a failure";
    heat: "Cores por grandeza", "Colours by magnitude";
    nothing_matches: "Nenhum empreendimento corresponde ao filtro.", "No empreendimento matches the filter.";
    total_of_shown: "Total dos mostrados", "Total of those shown";
    legend: "Legenda", "Legend";
    fresh_means: "Sem sinal: gravado pela execução mais nova que cobre o mês.", "Without a sign: committed by the newest run that covers the month.";
    stale: "desatualizado", "stale";
    stale_means: "uma execução mais nova cobre o mês e ainda não o gravou; o valor é o anterior.", "a newer run covers the month and has not committed it yet; the figure is the earlier one.";
    cell_failed: "falhou", "failed";
    cell_failed_means: "o job falhou na última execução que cobre o mês; o valor é o anterior.", "the job failed in the newest run that covers the month; the figure is the earlier one.";
    heat_means: "Cores, por grandeza sem o sinal; cada uma tem um quinto dos valores:", "Colours, by magnitude whatever the sign; each has a fifth of the figures:";
    up_to: "até", "up to";
    all_runs: "todas", "all";
    open_runs: "em aberto", "open";
    failed_runs: "com falhas", "with failures";
    complete_runs: "completas", "complete";
    no_such_run: "Nenhuma execução corresponde ao filtro.", "No run matches the filter.";
    newest_runs: "Mais novas", "Newest";
    older_runs: "Mais antigas", "Older";
    original: "Mensagem original", "Original message";
    catalogue: "Cadastro", "Catalogue";

    value: "Valor", "Value";
    filial: "Filial", "Filial";
    category: "Categoria", "Category";
    budget: "Orçamento", "Budget";
    paid: "Realizado", "Paid";
    month_before: "Mês anterior", "Month before";
    month_after: "Mês seguinte", "Month after";
    written_by: "Gravado por", "Written by";
    imported: "importado das tabelas antigas", "imported from the old tables";
    attempt: "tentativa", "attempt";
    attempts: "Tentativas", "Attempts";
    changed: "O que mudou desde o commit anterior", "What changed since the commit before";
    before: "Antes", "Before";
    after: "Depois", "After";
    difference: "Diferença", "Difference";
    unchanged: "Nada mudou.", "Nothing changed.";

    contratos: "Contratos", "Contratos";
    contrato: "Contrato", "Contrato";
    open_contratos: "Contratos que formam os valores", "Contratos that make the figures";
    all_of_month: "Todos os valores do mês", "All figures of the month";
    unrounded: "Valores sem arredondar, os maiores primeiro; o total, arredondado uma vez, é o valor publicado.", "Amounts unrounded, the largest first; the total, rounded once, is the published figure.";
    other_contratos: "Outros contratos", "Other contratos";
    nothing_to_open: "Não há valor a abrir.", "There is no figure to open.";
    not_kept: "Importados, ou gravados por uma versão anterior, que não guardava os contratos:", "Imported, or written by an earlier version, which kept no contratos:";

    stood_at_end_of: "Como estavam no fim do dia", "As they stood at the end of";
    not_today: "Não são os valores de agora: assim estavam no fim de", "These are not today's figures: so they stood at the end of";
    to_today: "Ver os de agora", "Show today's";
    none_stood: "Naquele dia não havia valores.", "There were no figures on that day.";

    from_end_of: "Do fim do dia", "From the end of";
    to_end_of: "Ao fim do dia", "To the end of";
    code: "Código do empreendimento", "Code of the empreendimento";
    least_difference: "Diferença mínima", "Least difference";
    since_close: "desde o fechamento dos meses", "since the months were closed";
    changes_left_empty: "Sem o primeiro dia: desde antes da última execução. Sem o segundo: até agora.", "Without the first day: from before the newest run. Without the second: to now.";
    from: "De", "From";
    to: "a", "to";
    from_close: "Dos meses como foram fechados a", "From the months as they were closed to";
    changed_figures: "Valores que mudaram", "Figures that changed";
    changes_by_month: "Diferenças por mês e coluna", "Differences by month and column";
    largest_first: "As maiores diferenças", "The largest differences";
    moved_by: "Contratos que o moveram", "Contratos that moved it";
    rounding: "arredondamento", "rounding";
    show_more: "Mostrar mais", "Show more";
    changed_since_yesterday: "O que mudou desde ontem", "What changed since yesterday";
    changed_by_run: "O que mudou com esta execução", "What changed with this run";

    no_close: "Nenhum mês está fechado.", "No month is closed.";
    closed_at: "Fechado", "Closed";
    closed_what: "O quê", "What";
    note: "Observação", "Note";
    forced: "fechado mesmo assim", "forced";
    all_and_cash_out: "todos e as saídas", "all, and the cash out";
    rows: "linhas", "rows";
    moved_since: "Mudou desde então", "Moved since";
    nothing_moved: "nada", "nothing";
    digest: "Resumo SHA-256", "SHA-256 digest";
    verify_digests: "Conferir os resumos", "Verify the digests";
    digest_holds: "confere", "verified";
    digest_differs: "NÃO confere com as linhas guardadas", "NOT what the rows that are kept give";
    reopened: "Reaberto", "Reopened";
    close_month: "Fechar mês", "Close a month";
    look_before_closing: "Ver antes de fechar", "Look before closing";
    all_are_closed: "Sem códigos: todos os empreendimentos e as saídas.", "Without codes: all empreendimentos and the cash out.";
    obstacles: "O que impede o fechamento", "What speaks against it";
    no_obstacle: "O mês está completo: nada impede o fechamento.", "The month is complete: nothing speaks against it.";
    close_anyway: "Fechar mesmo assim", "Close it as it is";
    not_ready: "O mês ainda não está completo. Veja o que impede o fechamento e confirme.", "The month is not complete yet. Look at what speaks against it, and confirm.";
    cannot_close: "O mês não pode ser fechado: já está, ou não tem valores.", "The month cannot be closed: it is already, or it has no figures.";
    not_closed: "O mês não está fechado.", "The month is not closed.";
    reopen_month: "Reabrir mês", "Reopen a month";
    reopen: "Reabrir", "Reopen";
    why: "Motivo", "Why";
    closed_on: "Fechado em", "Closed on";
    by: "por", "by";
    as_closed: "Ver como foi fechado", "Show as closed";
    closed_view: "Não são os valores de agora: assim foram fechados em", "These are not today's figures: so they were closed on";
    as_signed: "Nada mudou desde então.", "Nothing moved since.";
    moved_after_close: "Meses fechados com valores que mudaram", "Closed months of which figures moved";

    cancel_run: "Cancelar a execução", "Cancel the run";
    would_cancel: "Jobs que são cancelados:", "Jobs that are cancelled:";
    would_cancel_plan: "A execução ainda não tem jobs: o plano dela é cancelado, e ela nunca terá.", "The run has no jobs yet: its plan is cancelled, and it never has any.";
    in_hand: "com um worker", "in hand";
    in_hand_means: "Os que estão com um worker param entre duas chamadas; um commit que chega antes vale.", "Those in hand stop between two calls; a commit that comes first holds.";
    nothing_to_cancel: "Nenhum job está em aberto.", "No job is open.";
    cancel_some: "Sem códigos: todos os jobs em aberto, e as saídas.", "Without codes: every open job, and the cash out.";
    look_at_jobs: "Ver os jobs", "Look at the jobs";
    cancelled_stay: "Jobs cancelados não voltam com Publicar; recolocá-los na fila exige nomeá-los.", "Cancelled jobs do not come back with Publish; to requeue them, name them.";
    not_in_run: "A execução não tem job de um destes empreendimentos.", "The run has no job of one of these empreendimentos.";

    nothing_scheduled: "Nada está agendado.", "Nothing is scheduled.";
    name: "Nome", "Name";
    cron: "Cron", "Cron";
    zone: "Fuso horário", "Time zone";
    arguments: "Argumentos de backfill", "Arguments of backfill";
    next_times: "Próximos horários", "Next times";
    last_time: "Último horário", "Last time";
    scheduled_time: "Horário", "Time";
    outcome: "Resultado", "Outcome";
    no_time_yet: "nenhum ainda", "none yet";
    skipped: "pulado", "skipped";
    active: "ativo", "active";
    paused: "em pausa", "paused";
    late: "atrasado: nenhum processo olha a agenda", "late: no process follows the schedules";
    tried_again: "O plano é tentado de novo. A última tentativa disse:", "The plan is tried again. The last try said:";
    add_schedule: "Agendar", "Add a schedule";
    name_means: "Nome: letras minúsculas sem acento, dígitos e hífens.", "Name: lower-case letters, digits and hyphens.";
    cron_means: "Cron: minuto, hora, dia, mês e dia da semana; 0 2 * * * é todo dia às 2h.", "Cron: minute, hour, day, month and day of the week; 0 2 * * * is every day at 2.";
    arguments_mean: "Argumentos: como se escrevem depois de backfill.", "Arguments: as they are typed after backfill.";
    allow_overlap: "Iniciar também enquanto a execução anterior está em aberto", "Begin also while its run before is open";
    pause_it: "Pausar", "Pause";
    go_on: "Retomar", "Resume";
    run_now: "Executar agora", "Run now";
    remove: "Remover", "Remove";
    remove_schedule: "Remover o agendamento", "Remove the schedule";
    remove_means: "Nenhuma execução nova começa por ele. As que começaram ficam.", "No new run begins by it. Those that began stay.";
    history: "Histórico", "History";
    no_time_decided: "Nenhum horário chegou ainda.", "No time has come yet.";
    name_taken: "Já há um agendamento com este nome.", "There is a schedule of this name already.";
    schedule_gone: "Não há agendamento com este nome.", "There is no schedule of this name.";
    added_by: "Agendado por", "Added by";

    fleet_paused: "A frota está em pausa: nenhum job novo começa.", "The fleet is paused: no new job begins.";
    paused_by: "Por", "By";
    since: "desde", "since";
    until: "até", "until";
    until_ended: "até que alguém a encerre", "until somebody ends it";
    end_pause: "Encerrar a pausa", "End the pause";
    pause_fleet: "Pausar a frota", "Pause the fleet";
    pause_means: "Nenhum job novo começa; os que estão com um worker terminam. Horários da agenda são pulados.", "No new job begins; those in hand end. Times of the schedules are skipped.";
    until_when: "Até (hora de Brasília; vazio: sem fim)", "Until (time of São Paulo; empty: without end)";

    prune: "Limpeza", "Pruning";
    prune_now: "Limpar", "Prune";
    look_at_prune: "Ver o que seria removido", "Look at what would be removed";
    prune_means: "Remove do registro o que é mais antigo que o prazo. Nunca o que um valor publicado, um fechamento, uma falha em aberto ou uma execução em andamento cita.", "Removes what is older than the time to keep. Never what a published figure, a close, an open failure or an unfinished run names.";
    would_prune: "O que seria removido", "What would be removed";
    nothing_to_prune: "Nada é antigo o bastante.", "Nothing is old enough.";
    older_than: "Mais antigo que", "Older than";
    nothing_removed_yet: "Nada foi removido ainda.", "Nothing is removed yet.";

    notifications: "Avisos enviados", "Notifications sent";
    no_notification: "Nenhum aviso foi enviado.", "No notification was sent.";
    event: "Evento", "Event";
    day: "Dia", "Day";
    channel: "Canal", "Channel";
    sent: "Enviado", "Sent";
    tries: "Tentativas", "Tries";
    problem: "Problema", "Problem";
    not_sent: "ainda não", "not yet";
    given_up: "desistiu", "given up";

    export: "Exportar", "Export";
    export_all: "Exportar o mês, de todos os empreendimentos", "Export the month, of all empreendimentos";

    to_sign_in: "Entrar", "Sign in";
    sign_out: "Sair", "Sign out";
    user: "Usuário", "User";
    password: "Senha", "Password";
    wrong_password: "Usuário ou senha incorretos.", "The user or the password is wrong.";
    too_many_attempts: "Tentativas demais. Espere um minuto.", "Too many attempts. Wait for a minute.";
    operators_alone: "Só um operador pode fazer isso.", "Only an operator can do this.";

    not_found: "Não há nada neste endereço.", "There is nothing at this address.";
    database_away: "O banco de dados não responde. Tente de novo em instantes.", "The database does not answer. Try again shortly.";
    broker_away: "O broker não responde. Nada mudou; tente de novo em instantes.", "The broker does not answer. Nothing has changed; try again shortly.";
    unpublished: "Os jobs estão prontos, mas nem todas as mensagens foram publicadas. Tente de novo.", "The jobs are ready, but not all messages are published. Try again.";
    broken: "A página não pode ser mostrada. O log diz por quê.", "The page cannot be shown. The log says why.";
    about_text: "Copia os dados de fluxo de caixa do ERP Mega para tabelas SQL: entradas, inadimplência, carteira e saídas, por mês.", "Copies cash flow data from the Mega ERP into SQL tables: cash in, delinquency, portfolio figures and cash out, by month.";
    documents: "Documentos", "Documents";
    versions: "Versões", "Versions";
    database: "Banco de dados", "Database";
    changes_nothing: "Esta página mostra o que os comandos do README dizem, inicia, agenda e cancela execuções, recoloca na fila o que falhou e fecha meses.", "This page shows what the commands of the README say, begins, schedules and cancels runs, requeues what failed, and closes months.";
}
