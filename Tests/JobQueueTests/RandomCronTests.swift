import Foundation
import JobQueueTestKit
import Testing

@testable import JobQueue

/// Random expressions against a calendar that is counted out, and random texts against crashes.
@Suite struct RandomCronTests {
    /// Clocks that change by an hour, at one minute past midnight and by two hours, and by half an hour.
    private static let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]

    @Test func `2,000 random expressions tick as a calendar that is counted out has it, in four zones`() throws {
        let zones = try Self.zones.map { (PlainZone($0), try ZoneRules(identifier: $0)) }
        var compared = 0
        var nearChanges = 0
        var refused = 0
        for seed in UInt64(1)...2000 {
            var random = SplitMix(state: seed)
            let cron = RandomCron(using: &random)
            guard PlainDay.all.contains(where: cron.isDay) else {
                refused += 1
                #expect(throws: JobError.self, "seed \(seed): \(cron.text)") { try CronExpression(cron.text) }
                continue
            }
            let expression = try #require(try? CronExpression(cron.text), "seed \(seed): \(cron.text) is refused")
            for (plain, rules) in zones {
                let start = Self.start(in: plain, using: &random)
                let expected = plain.ticks(of: cron, after: start, count: 20)
                let ticks = CronTicks(expression: expression, zone: rules)
                var found: [Int] = []
                for _ in expected {
                    guard let next = ticks.next(after: Int64(found.last ?? start)) else { break }
                    found.append(Int(next))
                }
                #expect(found == expected, "seed \(seed): \(cron.text) in \(plain.name) after \(start)")
                if expected.count < 20, let next = ticks.next(after: Int64(found.last ?? start)) {
                    let end = PlainDay.all.count * 86_400 - plain.offset(at: PlainDay.all.count * 86_400)
                    #expect(next >= end, "seed \(seed): \(cron.text) in \(plain.name), after the calendar's end")
                }
                compared += expected.count
                nearChanges += expected.count { tick in
                    plain.changes.dropFirst().contains { abs(tick - $0.moment) <= 7200 }
                }
            }
        }
        print(
            "cron: \(compared) ticks compared, \(nearChanges) within two hours of a change of the clock, \(refused) refused"
        )
        #expect(compared > 100_000 && nearChanges > 1000 && refused >= 10)
    }

    /// A moment anywhere until 2095, or shortly before or after a change of the zone's clock.
    private static func start(in zone: PlainZone, using random: inout SplitMix) -> Int {
        let changes = zone.changes.dropFirst().filter { (0..<3_944_678_400).contains($0.moment) }
        if Bool.random(using: &random), let change = changes.randomElement(using: &random) {
            return change.moment + Int.random(in: -10_800...7200, using: &random)
        }
        return Int.random(in: 0..<3_944_678_400, using: &random)
    }

    @Test func `50,000 random texts crash nothing, and those accepted read again as the same, with ascending ticks`()
        throws
    {
        let zones = try ["UTC", "Europe/Berlin"].map { try ZoneRules(identifier: $0) }
        var accepted: Set<String> = []
        var refused = 0
        for seed in UInt64(1)...50_000 {
            var random = SplitMix(state: seed)
            let text = Self.text(using: &random)
            let expression: CronExpression
            do throws(JobError) {
                expression = try CronExpression(text)
            } catch {
                refused += 1
                #expect(
                    error.code == .invalidSchedule && "\(error)".contains(text.debugDescription),
                    "seed \(seed): \(text)")
                continue
            }
            accepted.insert(text)
            #expect(expression.description == text, "seed \(seed)")
            #expect(try CronExpression(expression.description) == expression, "seed \(seed): \(text)")
            for zone in zones {
                let ticks = CronTicks(expression: expression, zone: zone)
                var moment = Int64.random(in: -4_000_000_000...8_000_000_000, using: &random)
                for _ in 0..<5 {
                    let next = try #require(ticks.next(after: moment), "seed \(seed): \(text) after \(moment)")
                    #expect(next > moment, "seed \(seed): \(text) after \(moment)")
                    moment = next
                }
            }
        }
        print("cron: of 50,000 texts \(refused) refused, \(accepted.count) different ones accepted")
        #expect(accepted.count > 3000 && refused > 10_000)
    }

    private static let alphabet = Array("0123456789*,-/LW#?@ abcdefghijklmnopqrstuvwxyz")
    private static let tokens = [
        "*", "*", "?", "L", "W", "LW", "#", "-", "/", ",", "0", "1", "2", "5", "15", "31", "99", "mon", "fri", "jan",
        "L-3",
        "15W", "5L", "1#2", "*/2", "@every", "@daily", "90s", "1h", "30m", "ms", "@",
    ]

    private static func text(using random: inout SplitMix) -> String {
        func letters(_ count: ClosedRange<Int>, _ random: inout SplitMix) -> String {
            let count = Int.random(in: count, using: &random)
            return String((0..<count).map { _ in alphabet.randomElement(using: &random)! })
        }
        func words(_ count: Int, _ random: inout SplitMix, _ word: (inout SplitMix) -> String) -> String {
            (0..<count).map { _ in word(&random) }.joined(separator: " ")
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return letters(0...24, &random)
        case 1:
            return words(Int.random(in: 4...6, using: &random), &random) { letters(1...3, &$0) }
        case 2:
            return words(5, &random) { random in
                (0..<[1, 1, 2, 3].randomElement(using: &random)!).map { _ in tokens.randomElement(using: &random)! }
                    .joined()
            }
        case 3:
            let duration = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\(Int.random(in: 0...99, using: &random))\(["h", "m", "s", "ms", "d"].randomElement(using: &random)!)"
            }
            return "@every " + duration.joined()
        default:
            // An expression with up to two changes.
            var text = Array(RandomCron(using: &random).text)
            for _ in 0..<Int.random(in: 0...2, using: &random) where !text.isEmpty {
                let position = text.indices.randomElement(using: &random)!
                let length = Int.random(in: 0...1, using: &random)
                text.replaceSubrange(position..<position + length, with: letters(0...1, &random))
            }
            return String(text)
        }
    }
}
