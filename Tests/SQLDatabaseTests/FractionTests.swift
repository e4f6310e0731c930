import Foundation
import SQLDatabase
import Testing

/// Moments and times are read exactly or not at all.
@Suite struct FractionTests {
    @Test(arguments: [
        "12:00:00.123456789", "12:00:00.0000001", "23:59:59.9999999", "12:00:00.12345600000000000000001",
    ])
    func `a fraction finer than a microsecond is refused`(time: String) {
        #expect(SQLTime(time) == nil)
        #expect(SQLInterval(time) == nil)
        let row = SQLRow(columns: ["t", "d"], values: [.text(time), .text("9999-12-31 \(time)")])
        #expect(throws: SQLDecodingError.self) { try row.decode("t", as: SQLTime.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode("d", as: Date.self) }
    }

    @Test func `zeros behind a microsecond change nothing`() throws {
        #expect(SQLTime("12:00:00.123456000")?.microsecond == 123_456)
        #expect(SQLTime("12:00:00.1000000000")?.microsecond == 100_000)
        let row = SQLRow(columns: ["d"], values: [.text("2026-01-31T12:00:00.5000000Z")])
        #expect(try row.decode("d", as: Date.self) == Date(timeIntervalSince1970: 1_769_860_800.5))
    }
}
