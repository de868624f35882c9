SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(0 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1483228800000000 AND f.closed_at < 1485856800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(1 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1485856800000000 AND f.closed_at < 1488484800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(2 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1488484800000000 AND f.closed_at < 1491112800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(3 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1491112800000000 AND f.closed_at < 1493740800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(4 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1493740800000000 AND f.closed_at < 1496368800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(5 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1496368800000000 AND f.closed_at < 1498996800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(6 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1498996800000000 AND f.closed_at < 1501624800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(7 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1501624800000000 AND f.closed_at < 1504252800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(8 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1504252800000000 AND f.closed_at < 1506880800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(9 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1506880800000000 AND f.closed_at < 1509508800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(10 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1509508800000000 AND f.closed_at < 1512136800000000
  AND f.kind = 'COMPLAINT'
UNION ALL
SELECT CAST(0 AS BIGINT) AS subject,
       CAST(0 AS BIGINT) AS within,
       CAST(11 AS BIGINT) AS slot,
       COUNT(*) AS v0,
       COUNT(*) FILTER (WHERE f.accepted) AS v1
FROM ticket AS f
WHERE f.closed_at >= 1512136800000000 AND f.closed_at < 1514764800000000
  AND f.kind = 'COMPLAINT'
