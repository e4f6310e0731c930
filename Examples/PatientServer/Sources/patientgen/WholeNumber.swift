import ArgumentParser

/// Reads an option that takes a whole number, or says which rule it breaks.
func wholeNumber<Number: FixedWidthInteger & Sendable>(
    _ range: ClosedRange<Number>
) -> @Sendable (String) throws -> Number {
    { text in
        guard let number = Number(text), range.contains(number) else {
            throw ValidationError("it takes a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
