SELECT CASE WHEN f.subject_kind = 'TEAM' THEN f.subject_id ELSE a.ancestor_id END AS subject,
       CAST(REPLACE(CAST(f.starts_on AS TEXT), '-', '') AS BIGINT) AS starts_on,
       CAST(REPLACE(CAST(f.ends_on AS TEXT), '-', '') AS BIGINT) AS ends_on,
       CAST(CASE WHEN f.subject_kind = 'EMPLOYEE' THEN f.subject_id ELSE 0 END AS BIGINT) AS below,
       CAST(SUM(f.value) FILTER (WHERE f.kind = 'QUOTA') AS BIGINT) AS v0,
       CAST(SUM(f.value) FILTER (WHERE f.kind = 'METRIC' AND f.metric = 'sales.amount') AS BIGINT) AS v1
FROM target AS f
LEFT JOIN employee AS e ON e.id = f.subject_id AND f.subject_kind = 'EMPLOYEE'
LEFT JOIN team_ancestor AS a ON a.team_id = e.team_id
WHERE f.subject_kind IN ('TEAM', 'EMPLOYEE')
  AND CASE WHEN f.subject_kind = 'TEAM' THEN f.subject_id ELSE a.ancestor_id END IN (7, 9)
  AND f.starts_on >= '2017-01-01' AND f.ends_on <= '2018-01-01'
GROUP BY 1, 2, 3, 4
