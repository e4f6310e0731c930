import Testing

/// Decides which differences are listed, and notes which entries of the lists are needed.
struct OracleJudgement {
    private(set) var report = OracleReport()
    /// The cases that differ by decision or by rule.
    private(set) var listed: Set<String> = []
    private var decisions: Set<Int> = []
    private var rules: Set<OracleRule> = []

    /// Takes an answer. What is not psycopg's and not listed goes into the report.
    mutating func judge(_ test: OracleCase, _ compared: OracleRunner.Compared) {
        guard let difference = OracleDifference.between(compared.expected, compared.answer) else { return }
        if compared.expected != nil, let decided = compared.decided,
            OracleDifference.between(decided, compared.answer) == nil
        {
            listed.insert(test.id)
            rules.formUnion(test.decided?.rules ?? [])
        } else if let decision = OracleDecision.all.firstIndex(where: { $0.covers(test, compared) }) {
            listed.insert(test.id)
            decisions.insert(decision)
        } else {
            report.add(difference, of: test, use: compared.use)
        }
    }

    /// Adds what another one found.
    mutating func merge(_ other: OracleJudgement) {
        report.merge(other.report)
        listed.formUnion(other.listed)
        decisions.formUnion(other.decisions)
        rules.formUnion(other.rules)
    }

    /// Records an issue for each entry of the lists that no case needed.
    func checkLists() {
        for (index, decision) in OracleDecision.all.enumerated() where !decisions.contains(index) {
            Issue.record("the decision on \(decision.pattern) is needed by no case: remove it")
        }
        for rule in OracleRule.allCases where !rules.contains(rule) {
            Issue.record("the rule \(rule.rawValue) is needed by no case: remove it")
        }
    }
}
