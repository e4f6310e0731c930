/// A check of the code under test that is left out.
nonisolated(unsafe) private var removed = ""
nonisolated(unsafe) private var removesAny = false

public func remove(check name: String) {
    removed = name
    removesAny = true
}

/// Whether the check of this name is left out. Asked where `patch.py` has put the question.
public func isRemoved(_ name: StaticString) -> Bool { removesAny && name.description == removed }
