package io.sluice.admin;

import jakarta.servlet.http.HttpServletRequest;

/** Answers one method of one admin path. Thread-safe; may wait up to two seconds. */
interface Page {

  Answer answer(HttpServletRequest request) throws BadQueryException;
}
