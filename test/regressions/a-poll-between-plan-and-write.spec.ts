import { Stage } from '../simulation/stage.js';

/**
 * A poll, or an earlier attempt at the same step, may look at a record after it was compared and before it is written.
 * A write that names the version seen then would pass the provider's guard and overwrite what nobody has compared.
 */
test.each([true, false])(
  'an edit of the books that is seen after the comparison is not overwritten by it (provider guards versions: %s)',
  async (guardsVersions) => {
    const stage = new Stage({ guardsVersions });
    await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
    await stage.rest();
    await stage.push('contact', 'ana', { displayName: 'Ana of the app' });
    await stage.workThrough('plan');

    const [ana] = stage.inBooks('contact');
    stage.world.books.edit(ana!, { displayName: 'Ana of the books' });
    await stage.poll(ana!);
    await stage.rest();
    expect(stage.inBooks('contact')).toMatchObject([{ content: { displayName: 'Ana of the books' } }]);
    expect(stage.world.conflicts.all()).toMatchObject([{ reason: 'both_edited', groups: ['naming'] }]);
  },
);
