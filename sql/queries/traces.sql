-- Which trace a job belongs to. Asked only while traces are sent.

-- name: trace_of_export
select traceparent, tracestate from public.generator_exports where id = %(id)s;

-- name: trace_of_delivery
select e.traceparent, e.tracestate
from public.generator_export_deliveries as d
join public.generator_exports as e on e.id = d.export_id
where d.id = %(id)s;
