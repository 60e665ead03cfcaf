-- Who may what. Everything is closed by itself (create_schemas_and_roles); this is all that is open.

-- A rented machine: its verbs, and no table.
grant execute on function claim_jobs, heartbeat_jobs, release_jobs, fail_job to gpu_worker;

-- The analysis worker: its verbs, and no table.
grant execute on function claim_analyses, heartbeat_analyses, release_analyses, postpone_analysis, complete_analysis,
  fail_analysis, claim_case_documents, find_near_documents, store_case_facts, get_names_to_settle,
  get_people_decisions, settle_names, get_times_to_settle, settle_times,
  propose_pairs, get_comparison, complete_comparison to analysis_worker;

-- The control plane: its verbs, and to read.
grant execute on function
  complete_job, add_parts, sweep_checks, enqueue_jobs, record_refused_file, count_refused_files, cancel_job, retry_job,
  set_job_choices,
  check_lease, release_expired_jobs,
  requeue_machine_jobs, get_queue_stats, get_totals, get_page_statistics,
  take_events, ack_events, park_event, raise_alarm, clear_alarm,
  clear_unseen_alarms, end_alarm, announce_alarms, note_alarm_told, get_metrics, get_week, verify_custody,
  append_record,
  verify_record, get_record, keep_head, export_log, export_sealed,
  list_originals, note_original, keep_original,
  index_texts,
  find_unknown_hashes, list_unwritten_choices, note_choices_written, find_unheard_choices, miss_choices, hear_choices,
  make_binders, dissolve_binder, decide, decide_search, undo_decision, mark_finding,
  get_next_exhibit, find_dismissed, add_field, end_field, save_view, end_view, list_reminders, add_reminder,
  set_reminder,
  list_documents, count_documents, count_facets,
  add_webhook, end_webhook, record_webhook_delivery, add_password, end_password, record_passwords_given,
  start_batch, set_batch_status, complete_batches, pause_dear_batches, get_batches, get_scans, find_known_objects,
  find_entered_objects, enqueue_objects, report_scan_problem, read_again, enqueue_unread,
  begin_estimate, price_estimate, confirm_estimate, get_estimates, settle_estimates, get_estimates_held,
  take_leadership, give_up_leadership, create_intent, extend_reservation, record_contract, record_boot, mark_destroying,
  record_refusal, record_destroy_call, record_verdict, record_log, record_absence, join_own_computer, block_hardware,
  set_renting, request_launch,
  drop_launch, record_charges, record_bill_reading, prove_bill, record_price_increases, get_fleet,
  get_thread, reserve_claude, settle_claude, note_message_batch, get_claude_statistics, search_documents, search_is_cut,
  get_analytics, get_costs,
  pause_door, resume_door, ask_door, take_due_doors,
  announce_claude, report_silent_analyst, find_judgeable, judge_again, cancel_analyses, get_analysis,
  merge_people, split_person, undo_people_decision, decide_term, decide_event, decide_copy, make_matter,
  set_matter_documents, list_people, get_person, list_statements, list_case_events, list_terms, list_duplicates,
  get_case_progress,
  add_account, invite_again, remove_account, find_invited, accept_invitation, begin_sign_in, note_right_password,
  start_session, find_session, end_session, add_api_token, end_api_token, find_api_token, record_access,
  note_program, get_programs, forget_program, keep_examination, get_database_facts, fill_answer,
  decide_pairs, get_pair_counts, get_words_around, find_comparable, judge_pairs,
  find_statements, reserve_question, keep_chosen,
  get_backups
  to service_role;
grant select on all tables in schema public to service_role;

-- Views call these for whoever reads them. By name nobody can: the schema is not usable.
grant execute on function private.machine_usd, private.reserved_usd_between, private.job_machine_usd,
  private.job_claude_usd, private.document_machine_usd, private.document_claude_usd, private.analysis_status,
  private.is_told_by_binder, private.binders_tell, private.is_loose, private.tags_of
  to service_role;
