SELECT a.ancestor_id AS subject,
       f.region_id AS within,
       CAST(0 AS BIGINT) AS slot,
       COUNT(*) AS v0
FROM ticket AS f
LEFT JOIN employee AS e ON e.id = f.employee_id
JOIN team_ancestor AS a ON a.team_id = COALESCE(e.team_id, f.team_id)
WHERE f.created_at >= 1483228800000000 AND f.created_at < 1491004800000000
  AND a.ancestor_id = 7
  AND f.region_id IS NOT NULL
GROUP BY 1, 2
