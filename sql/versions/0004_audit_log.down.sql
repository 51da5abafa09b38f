drop table seedbed.audit_log;
