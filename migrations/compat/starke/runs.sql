CREATE VIEW {compat}.runs AS
SELECT (1000000000 + row_number() OVER (ORDER BY r.created_at, r.id))::integer AS id,
       r.end_date::text::varchar(10) AS exec_date,
       'mega'::varchar(20) AS source,
       (CASE WHEN jobs.open > 0 OR r.planning = 'open' THEN 'running'
             WHEN jobs.failed > 0 OR jobs.cancelled > 0 OR r.planning = 'refused' THEN 'failed'
             ELSE 'success' END)::varchar(20) AS status,
       r.created_at AS started_at,
       CASE WHEN jobs.open = 0 AND r.planning IS DISTINCT FROM 'open'
            THEN COALESCE(jobs.finished_at, r.created_at) END AS finished_at,
       CASE WHEN r.planning = 'refused' THEN r.planning_problem
            WHEN jobs.failed > 0
            THEN jobs.failed || ' of ' || jobs.total || ' jobs failed; the first: ' || jobs.first_error
            WHEN jobs.cancelled > 0 THEN jobs.cancelled || ' of ' || jobs.total || ' jobs cancelled'
       END AS error,
       json_build_object(
           'developments_synced', jobs.synced,
           'developments_skipped', jobs.skipped,
           'contracts_synced', jobs.contratos,
           'cash_in_records', COALESCE(entradas.rows, 0),
           'cash_out_records', COALESCE(saidas.rows, 0),
           'portfolio_stats_records', COALESCE(estatisticas.rows, 0),
           'delinquency_records', COALESCE(atrasos.rows, 0),
           'errors', jobs.errors,
           'timings', json_build_object(
               'total', EXTRACT(EPOCH FROM jobs.finished_at - r.created_at))) AS metrics,
       NULL::integer AS triggered_by_user_id
FROM {ours}.sync_runs r
JOIN (
    SELECT one.id AS run_id,
           count(j.target) AS total,
           count(*) FILTER (WHERE j.state NOT IN ('done', 'superseded', 'failed', 'cancelled')) AS open,
           count(*) FILTER (WHERE j.state = 'failed') AS failed,
           count(*) FILTER (WHERE j.state = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE j.state = 'done' AND j.target <> 'saidas-caixa') AS synced,
           count(*) FILTER (WHERE j.state = 'superseded' AND j.target <> 'saidas-caixa') AS skipped,
           COALESCE(sum((j.manifest ->> 'contratos_fetched')::bigint), 0) AS contratos,
           max(j.finished_at) AS finished_at,
           (array_agg(j.message ORDER BY j.seq) FILTER (WHERE j.state = 'failed'))[1] AS first_error,
           COALESCE(json_agg(j.target || ': ' || j.message ORDER BY j.seq)
                        FILTER (WHERE j.state = 'failed'), '[]'::json) AS errors
    FROM {ours}.sync_runs one LEFT JOIN {ours}.sync_jobs j ON j.run_id = one.id
    GROUP BY one.id
) AS jobs ON jobs.run_id = r.id
LEFT JOIN (SELECT run_id, count(*) AS rows FROM {ours}.entradas_caixa GROUP BY run_id) AS entradas
       ON entradas.run_id = r.id
LEFT JOIN (SELECT run_id, count(*) AS rows FROM {ours}.saidas_caixa GROUP BY run_id) AS saidas
       ON saidas.run_id = r.id
LEFT JOIN (SELECT run_id, count(*) AS rows FROM {ours}.estatisticas_portfolio GROUP BY run_id) AS estatisticas
       ON estatisticas.run_id = r.id
LEFT JOIN (SELECT run_id, count(*) AS rows FROM {ours}.delinquency GROUP BY run_id) AS atrasos
       ON atrasos.run_id = r.id
UNION ALL
SELECT o.id, o.exec_date, o.source, o.status, {compat}.utc(o.started_at), {compat}.utc(o.finished_at),
       o.error, o.metrics::json, o.triggered_by_user_id
FROM {legacy}.runs o;
