import SQLDatabase
import Testing

@Suite struct FingerprintTests {
    @Test(arguments: [
        ("SELECT * FROM patients WHERE id = $1", "SELECT * FROM patients WHERE id = ?", "SELECT patients"),
        (
            "select name from \"Wards\" where n in (1, 2,3) -- all", "select name from \"Wards\" where n in(?)",
            "SELECT Wards"
        ),
        ("INSERT INTO a.b (x, y) VALUES ($1,$2)", "INSERT INTO a.b(x, y) VALUES(?)", "INSERT a"),
        (
            "UPDATE t SET a = 'it''s', b = E'x\\'y' /* c */ WHERE c = 1.5e3", "UPDATE t SET a = ?, b = ? WHERE c = ?",
            "UPDATE t"
        ),
        ("DELETE FROM ONLY t WHERE a = $tag$ secret $tag$", "DELETE FROM ONLY t WHERE a = ?", "DELETE t"),
        ("SELECT 'open", "SELECT ?", "SELECT"), ("", "", ""),
    ])
    func `a fingerprint keeps the statement and drops its values`(sql: String, text: String, summary: String) {
        let fingerprint = StatementFingerprint(sql)
        #expect(fingerprint.text == text)
        #expect(fingerprint.summary == summary)
        #expect(fingerprint.digest.count == 16)
    }

    @Test func `alike statements have the same digest`() {
        let first = StatementFingerprint("SELECT *\n FROM t WHERE a IN (1,2,3) AND b = 'x'")
        let second = StatementFingerprint("SELECT * FROM t   WHERE a IN (4) AND b = 'secret'")
        #expect(first.digest == second.digest)
        #expect(!second.text.contains("secret"))
    }
}
