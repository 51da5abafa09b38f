-- What is in the log stays there, so the shorter list holds for what comes.
alter table seedbed.audit_log drop constraint audit_log_act_check;
alter table seedbed.audit_log add constraint audit_log_act_check check (
    act in (
        'create', 'cancel', 'retry', 'delete', 'expire', 'share', 'change share', 'unshare', 'sign', 'download',
        'set quota', 'remove quota'
    )
) not valid;
