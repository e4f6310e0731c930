import Foundation

// A scenario that is taken must generate, and must read back as the same from its own text.
exit(
    fuzz { bytes, count in
        let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
        guard let scenario = try? Scenario(json: input) else { return 0 }
        guard let again = try? Scenario(scenario.value) else { preconditionFailure("does not read back") }
        precondition(again == scenario, "reads back as another")
        return 0
    })
