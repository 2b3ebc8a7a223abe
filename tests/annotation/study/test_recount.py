def test_whatever_differs_is_told(study, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab, limit=6)
    study.next_showings(session, tab, 3)
    assert study.check() == []

    def change(statement):
        study._database.write(lambda connection: connection.execute(statement).rowcount)

    change("UPDATE items SET votes = votes + 1 WHERE number = (SELECT max(item) FROM showings)")
    assert "are noted" in study.check()[0]
    change("UPDATE items SET votes = votes - 1 WHERE number = (SELECT max(item) FROM showings)")
    change("DELETE FROM answers WHERE showing = 1")
    assert study.check() == ["showing 1 is answered, but its answer is missing"]
