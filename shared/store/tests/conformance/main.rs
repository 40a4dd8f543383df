//! What every store must do: one suite, run over PostgreSQL and SQLite.

mod actions;
mod activity;
mod by_filial;
mod cancelling;
mod cash_out;
mod checking;
mod claims;
mod connecting;
mod covering;
mod diagnosing;
mod ending;
mod explaining;
mod fencing;
mod figure_history;
mod fleet;
mod indices;
mod newer_stays;
mod notifying;
mod own_schema;
mod pausing;
mod pending;
mod planning;
mod pruning;
mod publishing;
mod reading;
mod reconciling;
mod scheduled_runs;
mod schedules;
mod schema;
mod session;
mod statements;
mod stopping;
mod support;
mod unlisted;
mod workers;

/// Makes a test of each function for each database.
macro_rules! on_both {
    ($($suite:ident::$test:ident,)*) => {
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::support::on_postgres(crate::$suite::$test).await;
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::support::on_sqlite(crate::$suite::$test).await;
                }
            )*
        }
    };
}

on_both! {
    actions::who_lifts_a_refusal_is_recorded_once,
    actions::a_refusal_stands_where_its_lifting_cannot_be_recorded,
    actions::resumes_of_a_run_are_told_the_oldest_first,
    ending::each_end_leaves_its_mark,
    ending::a_late_report_does_not_undo_a_commit,
    fencing::a_zombie_is_fenced_out_and_nothing_is_lost,
    fencing::a_crash_that_was_none_is_taken_back,
    fencing::crashes_forgotten_by_a_requeue_are_not_taken_back_twice,
    fencing::a_commit_needs_the_hold,
    fencing::only_the_newest_attempt_changes_its_job,
    ending::the_time_set_aside_counts_from_the_first_in_a_row,
    stopping::a_job_is_stopped_without_an_attempt,
    stopping::what_is_another_s_or_final_is_not_stopped,
    cancelling::what_waits_is_cancelled_at_once,
    cancelling::a_cancelled_attempt_commits_nothing,
    cancelling::a_commit_that_came_first_stays,
    cancelling::a_commit_and_a_cancel_at_once_agree,
    cancelling::what_another_run_holds_is_left_to_it,
    cancelling::only_a_requeue_by_name_revives_what_was_cancelled,
    cancelling::what_was_cancelled_is_neither_open_nor_failed_nor_complete,
    cash_out::a_settlement_is_dated_by_how_the_balance_moved,
    cash_out::the_window_is_replaced_and_the_rest_stays,
    cash_out::a_fatura_that_changes_type_or_month_takes_its_figures_along,
    cash_out::a_filial_nobody_names_is_created,
    cash_out::awkward_texts_survive,
    cash_out::the_golden_faturas_make_the_golden_cash_out,
    checking::checks_are_recorded_with_their_attempt,
    checking::a_failed_attempts_checks_are_accepted_by_name_and_subject,
    checking::what_an_earlier_version_accepted_stays_accepted,
    checking::contratos_are_remembered_with_the_latest_commit,
    checking::payables_of_a_window_are_counted,
    newer_stays::an_older_view_leaves_what_a_newer_one_wrote,
    newer_stays::an_older_view_of_payables_leaves_newer_days,
    newer_stays::a_run_that_replaces_undoes_a_mistaken_as_of,
    newer_stays::whatever_the_order_each_month_ends_with_its_newest_view,
    covering::what_is_recent_is_told_by_month_and_view,
    covering::what_earlier_versions_wrote_is_covered,
    pending::months_that_a_newer_run_has_not_committed_are_told,
    pending::a_run_that_would_leave_a_month_makes_it_no_older,
    unlisted::one_no_longer_listed_becomes_inactive_and_keeps_its_rows,
    unlisted::a_late_commit_does_not_make_it_active_again,
    claims::generations_rise,
    claims::claims_at_once_are_granted_one_after_another,
    claims::a_worker_that_died_is_counted,
    claims::a_crash_is_unsure_while_its_worker_may_live,
    claims::what_has_ended_a_worker_is_not_granted_beside_others,
    claims::a_retry_is_not_granted_before_its_time,
    claims::what_is_settled_stays_settled,
    claims::an_unknown_job_is_not_trusted,
    claims::another_run_waits_for_a_living_holder,
    claims::what_is_held_is_deferred_by_the_claim,
    claims::a_newer_commit_makes_an_older_job_needless,
    claims::a_commit_for_less_does_not_supersede,
    diagnosing::a_database_up_to_date_is_told_as_such,
    diagnosing::what_differs_in_the_schema_is_told,
    diagnosing::a_write_that_may_not_be_is_found_out,
    explaining::every_figure_names_its_attempt,
    explaining::attempts_and_commits_are_told_the_newest_first,
    explaining::cash_out_is_told_by_filial_and_categoria,
    by_filial::a_run_of_some_filiais_replaces_theirs_alone,
    by_filial::the_message_of_a_run_says_what_it_does_about_payables,
    by_filial::what_is_settled_when_first_seen_is_dated_as_the_run_says,
    figure_history::each_moment_is_told_as_it_was,
    figure_history::what_did_not_change_adds_nothing,
    figure_history::a_table_can_be_asked_for_as_it_stood,
    figure_history::parts_of_contratos_are_kept_with_their_months,
    fleet::the_living_are_told_with_what_they_have_in_hand,
    indices::a_load_adds_and_revises_and_repeats_nothing,
    pausing::a_pause_stands_until_it_is_lifted,
    pausing::a_pause_ends_by_itself,
    pausing::a_pause_changes_only_with_its_record,
    notifying::an_event_is_told_once_a_day,
    notifying::what_is_due_is_sent_by_one_at_a_time,
    notifying::what_fails_is_tried_again_until_it_is_given_up,
    notifying::jobs_that_wait_for_the_erp_are_counted,
    reconciling::only_what_nobody_has_and_nothing_moved_looks_lost,
    reconciling::what_one_takes_the_other_does_not_get,
    planning::a_run_is_recorded_whole_and_once,
    planning::the_catalogue_leaves_activity_alone,
    planning::an_empreendimento_that_moves_takes_its_activity_along,
    planning::unpublished_messages_can_be_found,
    planning::failed_jobs_are_requeued_with_fresh_budgets,
    planning::each_targets_newest_job_is_counted_by_state,
    planning::the_last_commits_are_known,
    planning::ipca_is_read_exactly,
    pruning::what_nothing_names_goes_and_every_answer_stays,
    pruning::what_was_signed_off_or_taken_over_keeps_its_run,
    pruning::what_was_requeued_stays,
    pruning::of_many_that_begin_to_prune_one_does,
    pruning::jobs_are_unsettled_until_they_are_done,
    publishing::a_commit_replaces_its_months_and_no_others,
    publishing::a_contrato_moves_with_its_listing,
    publishing::a_repeated_commit_writes_nothing,
    activity::concurrent_commits_of_one_filial_agree_on_its_activity,
    publishing::a_refused_commit_leaves_no_trace,
    reading::a_measure_is_told_month_by_month,
    reading::recent_runs_are_told_with_what_became_of_their_jobs,
    reading::runs_are_picked_by_what_became_of_them_and_paged,
    reading::dashboards_find_the_names_they_know,
    reading::totals_count_every_table,
    schedules::a_name_is_taken_once,
    schedules::a_pause_is_told_until_it_is_lifted,
    schedules::times_are_decided_once_however_many_ask,
    schedules::a_time_is_kept_as_it_can_be_asked_for_again,
    schedules::a_removed_schedule_decides_nothing,
    schedules::a_run_begun_beside_the_times_has_one_of_its_own,
    schedules::many_times_are_told_the_newest_first,
    schedules::missed_times_are_counted_until_a_run_has_begun,
    scheduled_runs::one_plans_a_run_until_its_lease_ends,
    scheduled_runs::a_plan_is_recorded_over_its_run_once,
    scheduled_runs::a_refused_run_stays_refused,
    scheduled_runs::runs_without_jobs_are_picked_by_their_planning,
    scheduled_runs::a_cancelled_plan_is_never_recorded,
    scheduled_runs::a_plan_and_a_cancel_at_once_agree,
    schema::many_processes_migrate_at_once,
    schema::migrations_go_down_and_up_again,
    schema::what_the_schema_lacks_is_counted,
    session::one_at_a_time_renews,
    session::a_lease_ends,
    session::a_late_holder_overwrites_nothing,
    session::a_refusal_stops_everyone_until_lifted,
    workers::calls_are_leased_to_the_living,
    workers::after_an_outage_of_the_database_each_keeps_its_lease,
    workers::what_the_fleet_learned_is_kept_for_a_week,
    workers::leases_are_never_more_than_the_total_however_many_ask_at_once,
}
