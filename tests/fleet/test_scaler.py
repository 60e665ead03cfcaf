"""The scaler with real parts: it rents for work, returns what is idle, and leaves no contract open."""


def test_work_is_done_on_a_rented_machine_which_is_then_returned(fleet):
    fleet.enqueue(3)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"] * 3)
    contracts = fleet.emulator.contracts()
    assert len(contracts) == 1
    assert set(contracts[0]["env_names"]) >= {"CONTROL_PLANE_URL", "SUPABASE_URL", "SUPABASE_KEY", "WORKER_TOKEN"}
    fleet.with_policy(idle_seconds=0.5).tick_until(lambda: not fleet.emulator.open_contracts())
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["destroyed"])
    assert "idle" in fleet.machines()[0].destroy_reason
