-- A line knows under which claim of its run it was opened: only while that holds may its call be sent. A
-- call that waits for its turn while another worker takes the run over is never sent: that one sends its own.

alter table charges add column claim integer;

update charges c
   set claim = g.claim
  from generations g
 where g.id = c.generation_id and g.attempt = c.attempt and c.state = 'RESERVED';
